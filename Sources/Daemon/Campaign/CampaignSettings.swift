import ForkServer
import Fuzzing

/// Everything a campaign needs to know, config and flags put together. Constant while it runs.
package struct CampaignSettings: Sendable {
    package var name: String
    package var configPath: String
    package var harness: String
    package var target: TargetConfiguration
    package var fuzzer: FuzzerOptions
    /// In the order given; new inputs go to the first. Empty only where the rules leave nothing but inputs.
    package var corpusDirectories: [String]
    package var artifactDirectory: String
    package var maxInputBytesWasGiven: Bool
    /// Executions after the corpus was loaded; `nil` is no limit.
    package var runs: UInt64?
    package var maxTotalTimeSeconds: UInt64?
    package var isPlain: Bool
    package var ignoresFindings: Bool
    package var rules = CampaignRules()

    package init(
        name: String, configPath: String, harness: String, target: TargetConfiguration, fuzzer: FuzzerOptions,
        corpusDirectories: [String], artifactDirectory: String, maxInputBytesWasGiven: Bool = true,
        runs: UInt64? = nil, maxTotalTimeSeconds: UInt64? = nil, isPlain: Bool = true, ignoresFindings: Bool = false
    ) {
        self.name = name
        self.configPath = configPath
        self.harness = harness
        self.target = target
        self.fuzzer = fuzzer
        self.corpusDirectories = corpusDirectories
        self.artifactDirectory = artifactDirectory
        self.maxInputBytesWasGiven = maxInputBytesWasGiven
        self.runs = runs
        self.maxTotalTimeSeconds = maxTotalTimeSeconds
        self.isPlain = isPlain
        self.ignoresFindings = ignoresFindings
    }
}
