/// What `fuzzd coverage` was asked to do.
package struct CoverageOptions: Sendable, Equatable {
    package var configPath: String
    /// All inputs of all directories are run. Never empty.
    package var corpusDirectories: [String]
    /// A build of the target to run in place of the config's; `nil` takes that.
    package var program: String?
    /// By edges even where the target has source coverage.
    package var usesEdges: Bool
    package var htmlPath: String?
    package var lcovPath: String?
    package var jsonPath: String?

    package init(
        configPath: String, corpusDirectories: [String], program: String? = nil, usesEdges: Bool = false,
        htmlPath: String? = nil, lcovPath: String? = nil, jsonPath: String? = nil
    ) {
        self.configPath = configPath
        self.corpusDirectories = corpusDirectories
        self.program = program
        self.usesEdges = usesEdges
        self.htmlPath = htmlPath
        self.lcovPath = lcovPath
        self.jsonPath = jsonPath
    }
}

/// What `fuzzd coverage diff` was asked to do.
package struct CoverageDiffOptions: Sendable, Equatable {
    package var configPath: String
    package var firstDirectory: String
    package var secondDirectory: String
    /// A build of the target to run in place of the config's; `nil` takes that.
    package var program: String?
    package var jsonPath: String?

    package init(
        configPath: String, firstDirectory: String, secondDirectory: String, program: String? = nil, jsonPath: String? = nil
    ) {
        self.configPath = configPath
        self.firstDirectory = firstDirectory
        self.secondDirectory = secondDirectory
        self.program = program
        self.jsonPath = jsonPath
    }
}
