/// What `fuzzd audit` was asked to do.
package struct AuditOptions: Sendable, Equatable {
    package var configPath: String
    /// Never empty.
    package var corpusDirectories: [String]
    package var jsonPath: String?
    package var htmlPath: String?

    package init(configPath: String, corpusDirectories: [String], jsonPath: String? = nil, htmlPath: String? = nil) {
        self.configPath = configPath
        self.corpusDirectories = corpusDirectories
        self.jsonPath = jsonPath
        self.htmlPath = htmlPath
    }
}
