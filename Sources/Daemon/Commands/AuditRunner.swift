import Foundation
import Storage

/// Runs `fuzzd audit`.
package enum AuditRunner {
    /// Audits the reboot of a target and prints the report.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: AuditOptions) throws -> FuzzdExitCode {
        let corpus = try ConfiguredCorpus(
            configPath: options.configPath, corpusDirectories: options.corpusDirectories,
            reportPaths: [options.jsonPath, options.htmlPath])
        let files = corpus.files
        var measurement = AuditMeasurement(target: corpus.target)
        defer { measurement.stop() }
        try measurement.run(files) { index in
            if index > 0, index % 100 == 0 { ErrorOutput.print("INFO: \(index) of \(files.count) inputs") }
        }
        guard let owners = measurement.owners() else {
            throw CommandFailure(.targetUnusable, "the target did not tell of its modules")
        }
        let report = AuditReport.make(
            AuditReport.Subject(
                campaign: corpus.configuration.name, configPath: options.configPath,
                corpusDirectories: options.corpusDirectories, inputs: files.count, notAudited: measurement.notAudited,
                incomplete: measurement.incomplete),
            measurement, owners)
        AuditTable.lines(report).forEach { print($0) }
        if let path = options.jsonPath { try ReportFile.write(AuditTable.json(report), to: path) }
        if let path = options.htmlPath { try ReportFile.write(report.html, to: path) }
        return .success
    }
}
