import Foundation
import ForkServer
import Storage

/// Runs `fuzzd report`.
package enum ReportRunner {
    /// Gathers what there is of a campaign, runs its corpus once for coverage and once for accesses, and writes the page.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: ReportOptions) throws -> FuzzdExitCode {
        let (configuration, target) = try CoverageRunner.target(options.configPath, program: nil)
        try ReportFile.check([options.htmlPath])
        let directory = options.artifactDirectory ?? configuration.artifacts
        let files =
            options.corpusDirectories.isEmpty
            ? [] : try CorpusMeasurement.load(options.corpusDirectories, warn: ErrorOutput.print)
        let records = try CampaignRecords(name: configuration.name, corpus: options.corpusDirectories.first)
        var report = CampaignReport(configuration: configuration, records: records)
        report.inventory = try crashes(options, directory)
        report.notes += report.inventory.problems + report.inventory.notes
        if files.isEmpty {
            report.notes.append("Without --corpus there are no curves, no accesses and no coverage here.")
        } else {
            if records.samples.isEmpty {
                report.notes.append("\(options.corpusDirectories[0]) has no history: no campaign has run on it yet.")
            }
            try measure(&report, target, files, options)
        }
        try ReportFile.write(report.page.html, to: options.htmlPath)
        print("\(options.htmlPath): " + summary(report, inputs: files.count))
        return .success
    }

    /// The groups of `fuzzd crashes`; artifacts that were not run yet on this target are run now.
    private static func crashes(_ options: ReportOptions, _ directory: String) throws -> CrashInventory {
        var isDirectory: ObjCBool = false
        // No finding yet, no directory yet.
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory) else { return CrashInventory() }
        guard isDirectory.boolValue else {
            throw CommandFailure(.corpusUnusable, "\(directory): artifacts cannot be listed: it is no directory")
        }
        let inventory = try CrashInventory.collect(
            CrashesOptions(configPath: options.configPath, artifactDirectory: directory))
        for line in inventory.problems + inventory.notes { ErrorOutput.print(line) }
        return inventory
    }

    private static func measure(
        _ report: inout CampaignReport, _ target: TargetConfiguration, _ files: [CorpusFile], _ options: ReportOptions
    ) throws {
        let measurement = try CorpusMeasurement(target, files: files)
        let coverage = try measurement.run(files)
        report.matchedRegions = MatchedRegions.names(in: measurement.greeting)
        if measurement.modules.edgeAddresses.contains(where: { $0 != 0 }) {
            let map = try CoverageRunner.map(of: measurement)
            let subject = EdgeReport.Subject(
                campaign: report.configuration.name, program: target.program, corpora: options.corpusDirectories,
                inputs: coverage.inputCount, failedInputs: coverage.failedInputCount)
            report.coverage = (EdgeReport(subject: subject, map: map, coverage: coverage), map)
        } else {
            report.notes.append("The target has no PC tables: its edges have no names.")
        }
        measurement.stop()
        try countAccesses(&report, target, files)
    }

    private static func countAccesses(
        _ report: inout CampaignReport, _ target: TargetConfiguration, _ files: [CorpusFile]
    ) throws {
        var talking = target
        talking.environment.merge(AccessLogReader.environment) { $1 }
        talking.limits.outputBytes = UInt32(AccessLogReader.outputBytes)
        var counts = AccessCounts()
        var cut = 0
        _ = try CorpusMeasurement(talking, files: files).run(files) { _, verdict in
            var reader = AccessLogReader()
            reader.read(verdict.output, into: &counts)
            if verdict.outputBytesTotal > UInt64(verdict.output.count) { cut += 1 }
        }
        report.accesses = counts
        if counts.isEmpty {
            report.notes.append("The target does not tell its accesses: the built-in machine and QEMU's fuzzers do.")
        }
        if cut > 0 { report.notes.append("\(SummaryText.plural(cut, "input")) made more accesses than were counted.") }
    }

    private static func summary(_ report: CampaignReport, inputs: Int) -> String {
        let accesses = HumanFormat.grouped(report.accesses.total)
        return "\(SummaryText.plural(inputs, "input")), \(SummaryText.plural(report.inventory.groups.count, "finding")), "
            + "\(SummaryText.plural(report.records.samples.count, "sample")), \(accesses) accesses"
    }
}
