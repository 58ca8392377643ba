/// What `fuzzd reproduce` was asked to do.
package struct ReproduceOptions: Sendable, Equatable {
    package var configPath: String
    /// Files to run, in this order. Never empty.
    package var artifactPaths: [String]
    /// `nil` takes `fork`.
    package var reset: ResetStrategy?
    /// Times that each file is run, one after the other; `nil`: once.
    package var runs: Int?

    package init(configPath: String, artifactPaths: [String], reset: ResetStrategy? = nil, runs: Int? = nil) {
        self.configPath = configPath
        self.artifactPaths = artifactPaths
        self.reset = reset
        self.runs = runs
    }
}
