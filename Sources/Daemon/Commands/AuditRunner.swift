import Foundation
import Storage

/// Runs `fuzzd audit`.
package enum AuditRunner {
    /// Audits the reboot of a target and prints the report.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: AuditOptions) throws -> FuzzdExitCode {
        try ReportFile.check([options.jsonPath, options.htmlPath])
        let configuration = try CampaignSettings.loadConfiguration(options.configPath)
        let target = try CampaignSettings.targetConfiguration(configuration)
        let corpus = CorpusDirectory(directories: options.corpusDirectories)
        let loaded = try asCommandFailure { try corpus.load(maxInputBytes: target.maxInputBytes) }
        loaded.warnings.forEach { printToError("WARNING: \($0)") }
        let files = loaded.files.sorted { $0.path < $1.path }
        guard !files.isEmpty else {
            throw CommandFailure(
                .corpusUnusable,
                "\(options.corpusDirectories.joined(separator: ", ")): no inputs; name a directory with corpus files")
        }
        var measurement = AuditMeasurement(target: target)
        defer { measurement.stop() }
        try measurement.run(files) { index in
            if index > 0, index % 100 == 0 { printToError("INFO: \(index) of \(files.count) inputs") }
        }
        guard let owners = measurement.owners() else {
            throw CommandFailure(.targetUnusable, "the target did not tell of its modules")
        }
        let report = AuditReport.make(
            AuditReport.Subject(
                campaign: configuration.name, configPath: options.configPath,
                corpusDirectories: options.corpusDirectories, inputs: files.count, notAudited: measurement.notAudited,
                incomplete: measurement.incomplete),
            measurement, owners)
        AuditTable.lines(report).forEach { print($0) }
        if let path = options.jsonPath { try ReportFile.write(AuditTable.json(report), to: path) }
        if let path = options.htmlPath { try ReportFile.write(report.html, to: path) }
        return .success
    }

    private static func printToError(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
