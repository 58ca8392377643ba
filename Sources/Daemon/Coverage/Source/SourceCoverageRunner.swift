import Foundation
import ForkServer
import Storage

/// `fuzzd coverage` for a target that was built with source coverage: llvm-cov's reports over every input.
enum SourceCoverageRunner {
    /// - Parameter started: the target as it was started to see what it has; it is stopped, and started anew to collect.
    static func run(
        _ options: CoverageOptions, _ subject: EdgeReport.Subject, _ started: CorpusMeasurement,
        _ target: TargetConfiguration, _ files: [CorpusFile]
    ) throws -> FuzzdExitCode {
        started.stop()
        let tools = ProfileTools.all(environment: ProcessInfo.processInfo.environment)
        guard !tools.isEmpty else {
            throw CommandFailure(
                .failure, "the target has source coverage, and there is no llvm-cov with llvm-profdata beside it in PATH; install "
                    + "LLVM's tools, name llvm-cov in \(ProfileTools.variable), or take --edges")
        }
        let page = options.htmlPath
        let isOneFile = page.map { $0.hasSuffix(".html") || $0.hasSuffix(".htm") } ?? true
        try ReportFile.check([options.lcovPath, options.jsonPath] + (isOneFile ? [page] : []))
        if let page, !isOneFile { try SourceProfile.check(directory: page) }
        let profile = try SourceProfile(program: target.program)
        var measured = subject
        measured.failedInputs = try collect(target, files, into: profile)
        try profile.merge(with: tools)
        let report = try profile.report()
        let title = "Coverage of \(subject.campaign)"
        if let path = options.lcovPath { try profile.export(format: "lcov", to: path) }
        if let path = options.jsonPath { try profile.export(format: "text", to: path) }
        if let page, isOneFile { try profile.page(title: title, to: page) }
        if let page, !isOneFile { try profile.pages(title: title, into: page) }
        print("\(subject.campaign) (\(TerminalText.sanitised(subject.program))): \(CoverageTable.inputs(measured))")
        print(report, terminator: "")
        return .success
    }

    /// - Returns: how many inputs failed.
    private static func collect(
        _ target: TargetConfiguration, _ files: [CorpusFile], into profile: SourceProfile
    ) throws -> Int {
        var target = target
        target.profilePath = profile.rawPath
        let measurement = try CorpusMeasurement(target, files: files)
        defer { measurement.stop() }
        return try measurement.run(files).failedInputCount
    }
}
