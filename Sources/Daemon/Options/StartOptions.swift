// The strategies that configs, flags and reports name are those of the fork server; the command line sees the
// type through this module.
@_exported import enum ForkServer.ResetStrategy

/// What `fuzzd start` was asked to do. Where a value is `nil`, the config decides.
package struct StartOptions: Sendable, Equatable {
    package var configPath: String
    /// In the order given; new inputs go to the first. Never empty.
    package var corpusDirectories: [String]
    package var workers: Int?
    package var reset: ResetStrategy?
    /// Executions after the corpus was loaded; 0 only loads the corpus, `nil` is no limit.
    package var runs: UInt64?
    package var maxTotalTimeSeconds: UInt64?
    package var maxInputBytes: Int?
    package var seed: UInt64?
    package var dictionaryPath: String?
    /// Seconds between looks at the corpus for inputs of others; 0 is never.
    package var reloadSeconds: Int?
    /// Where artifacts are written; `nil` takes the config's, else the working directory.
    package var artifactDirectory: String?
    /// libFuzzer's log lines even on a terminal.
    package var plain: Bool
    /// End with code 0 although there were findings.
    package var ignoreFindings: Bool

    package init(
        configPath: String, corpusDirectories: [String], workers: Int? = nil,
        reset: ResetStrategy? = nil, runs: UInt64? = nil, maxTotalTimeSeconds: UInt64? = nil,
        maxInputBytes: Int? = nil, seed: UInt64? = nil, dictionaryPath: String? = nil,
        reloadSeconds: Int? = nil,
        artifactDirectory: String? = nil, plain: Bool = false, ignoreFindings: Bool = false
    ) {
        self.configPath = configPath
        self.corpusDirectories = corpusDirectories
        self.workers = workers
        self.reset = reset
        self.runs = runs
        self.maxTotalTimeSeconds = maxTotalTimeSeconds
        self.maxInputBytes = maxInputBytes
        self.seed = seed
        self.dictionaryPath = dictionaryPath
        self.reloadSeconds = reloadSeconds
        self.artifactDirectory = artifactDirectory
        self.plain = plain
        self.ignoreFindings = ignoreFindings
    }
}
