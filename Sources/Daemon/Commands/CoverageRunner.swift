import Foundation
import ForkServer
import Storage

/// Runs `fuzzd coverage`.
package enum CoverageRunner {
    /// Runs the corpus and says what it reaches.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: CoverageOptions) throws -> FuzzdExitCode {
        let (configuration, target) = try self.target(options.configPath, program: options.program)
        let files = try CorpusMeasurement.load(options.corpusDirectories, warn: ErrorOutput.print)
        let subject = EdgeReport.Subject(
            campaign: configuration.name, program: target.program, corpora: options.corpusDirectories, inputs: files.count,
            failedInputs: 0)
        let measurement = try CorpusMeasurement(target, files: files)
        if measurement.modules.capabilities.contains(.sourceCoverage), !options.usesEdges {
            return try SourceCoverageRunner.run(options, subject, measurement, target, files)
        }
        try ReportFile.check([options.htmlPath, options.lcovPath, options.jsonPath])
        let coverage = try measurement.run(files)
        let map = try self.map(of: measurement)
        var measured = subject
        measured.failedInputs = coverage.failedInputCount
        let report = EdgeReport(subject: measured, map: map, coverage: coverage)
        let sources = SourceText(files: report.files.map(\.path))
        if let path = options.lcovPath {
            guard map.hasSource else {
                throw CommandFailure(.failure, "--lcov: \(target.program) has no debug information that tells lines; build it with -g")
            }
            try ReportFile.write(CoverageTracefile.text(report), to: path)
        }
        if let path = options.jsonPath { try ReportFile.write(CoverageJSON.text(report, map), to: path) }
        if let path = options.htmlPath { try ReportFile.write(report.page(map, sources: sources).html, to: path) }
        CoverageTable.lines(report, map, sources: sources).forEach { print($0) }
        return .success
    }

    /// Runs `fuzzd coverage diff`.
    ///
    /// - Returns: how the process ends: 0 whether there is a difference or not. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: CoverageDiffOptions) throws -> FuzzdExitCode {
        let (_, target) = try self.target(options.configPath, program: options.program)
        try ReportFile.check([options.jsonPath])
        let first = try CorpusMeasurement.load([options.firstDirectory], warn: ErrorOutput.print)
        let second = try CorpusMeasurement.load([options.secondDirectory], warn: ErrorOutput.print)
        let measurement = try CorpusMeasurement(target, files: first + second)
        let coverage = (try measurement.run(first), try measurement.run(second))
        let map = try self.map(of: measurement)
        let difference = CoverageDifference(
            map: map, first: (options.firstDirectory, coverage.0), second: (options.secondDirectory, coverage.1))
        if let path = options.jsonPath { try ReportFile.write(CoverageJSON.text(difference, map), to: path) }
        CoverageDifferenceTable.lines(difference, map, sources: SourceText(files: map.functions.compactMap(\.file))).forEach { print($0) }
        return .success
    }

    /// The config's target, or another build of it.
    static func target(_ configPath: String, program: String?) throws -> (CampaignConfiguration, TargetConfiguration) {
        let configuration = try CampaignSettings.loadConfiguration(configPath)
        guard let program else { return (configuration, try CampaignSettings.targetConfiguration(configuration)) }
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw CommandFailure(.targetUnusable, "--program: \(program): no program there that can be run")
        }
        var other = configuration
        other.target.program = URL(fileURLWithPath: program).path
        return (configuration, try CampaignSettings.targetConfiguration(other))
    }

    /// Names the edges; says what is missing for lines.
    static func map(of measurement: CorpusMeasurement) throws -> CoverageMap {
        let symbolizer = SymbolizerLocator.find(environment: ProcessInfo.processInfo.environment)
        let map = try measurement.map(symbolizer: symbolizer)
        if !map.hasSource {
            let cause =
                symbolizer == nil
                ? "no llvm-symbolizer; install LLVM's tools or name it in FUZZD_SYMBOLIZER"
                : "the target has no debug information, or the symboliser failed; build it with -g"
            ErrorOutput.print("WARNING: functions only, no files and lines: \(cause)")
        }
        return map
    }
}
