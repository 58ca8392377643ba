/// What `fuzzd merge` was asked to do.
package struct MergeOptions: Sendable, Equatable {
    package var configPath: String
    /// What it has stays; chosen files are added. Made where it is missing.
    package var corpusDirectory: String
    /// Where files are chosen from. Never empty.
    package var sourceDirectories: [String]
    package var workers: Int?
    /// `nil`: in the hidden folder of the corpus directory.
    package var controlFilePath: String?

    package init(
        configPath: String, corpusDirectory: String, sourceDirectories: [String], workers: Int? = nil,
        controlFilePath: String? = nil
    ) {
        self.configPath = configPath
        self.corpusDirectory = corpusDirectory
        self.sourceDirectories = sourceDirectories
        self.workers = workers
        self.controlFilePath = controlFilePath
    }
}

/// What `fuzzd corpus` was asked to do.
package struct CorpusOptions: Sendable, Equatable {
    /// `nil`: only what the files themselves say.
    package var configPath: String?
    package var directory: String
    package var workers: Int?
    package var json: Bool

    package init(configPath: String? = nil, directory: String, workers: Int? = nil, json: Bool = false) {
        self.configPath = configPath
        self.directory = directory
        self.workers = workers
        self.json = json
    }
}
