import Foundation
import ForkServer
import Storage

/// What commands begin with that run a corpus on the target of a config.
struct ConfiguredCorpus {
    let configuration: CampaignConfiguration
    let target: TargetConfiguration
    /// By path; never empty.
    let files: [CorpusFile]

    /// Reads all of it before anything is started, and refuses reports that could not be written.
    ///
    /// - Throws: `CommandFailure`.
    init(configPath: String, corpusDirectories: [String], reportPaths: [String?]) throws {
        try ReportFile.check(reportPaths)
        configuration = try CampaignSettings.loadConfiguration(configPath)
        target = try CampaignSettings.targetConfiguration(configuration)
        files = try CorpusMeasurement.load(
            corpusDirectories, maximumInputBytes: target.maxInputBytes, warn: ErrorOutput.print)
    }
}
