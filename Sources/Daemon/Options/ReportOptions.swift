/// What `fuzzd report` was asked to do.
package struct ReportOptions: Sendable, Equatable {
    package var configPath: String
    /// In the order given; the first has the campaign's history. Without any, the page has only what was found.
    package var corpusDirectories: [String]
    /// Where the artifacts are; `nil` takes the config's.
    package var artifactDirectory: String?
    package var htmlPath: String

    package init(
        configPath: String, corpusDirectories: [String] = [], artifactDirectory: String? = nil, htmlPath: String
    ) {
        self.configPath = configPath
        self.corpusDirectories = corpusDirectories
        self.artifactDirectory = artifactDirectory
        self.htmlPath = htmlPath
    }
}
