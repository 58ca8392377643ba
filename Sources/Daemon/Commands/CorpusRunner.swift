import ForkServer
import Fuzzing
import Storage

/// Runs `fuzzd corpus`.
package enum CorpusRunner {
    /// Says what is in a directory of inputs.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: CorpusOptions) throws -> FuzzdExitCode {
        try MergeRunner.requireDirectory(options.directory)
        let configuration = try options.configPath.map(CampaignSettings.loadConfiguration)
        let target = try configuration.map(CampaignSettings.targetConfiguration)
        let limit = target?.maxInputBytes ?? LibFuzzerSession.saneInputBytes
        let loaded = try asCommandFailure {
            try CorpusDirectory(directories: [options.directory], policy: .inputsOnly).load(maxInputBytes: limit)
        }
        var summary = CorpusSummary(directory: options.directory, loaded)
        if !options.json { for warning in summary.warnings { print("WARNING: \(TerminalText.sanitised(warning))") } }
        if let configuration, var target, !loaded.files.isEmpty {
            if InputFormat(configuration) == .genericFuzz { summary.countOperations(loaded.files) }
            target.workers = options.workers ?? target.workers
            target.strategy = .fork
            do throws(ForkServerError) {
                let runner = try BatchRunner(configuration: target)
                defer { runner.stop() }
                summary.coverage = try coverage(loaded.files, runner)
            } catch {
                throw CommandFailure(target: error)
            }
        }
        if options.json { print(summary.json) } else { summary.lines.forEach { print($0) } }
        return .success
    }

    private static func coverage(
        _ files: [CorpusFile], _ runner: BatchRunner
    ) throws(ForkServerError) -> CorpusSummary.Coverage? {
        guard let modules = runner.server.modules else { return nil }
        var control = MergeControlFile(paths: files.map(\.path), firstCorpusCount: 0)
        var collector = MergeFeatures(control, modules: modules, isFull: true, usesCounters: true)
        var failing: [CorpusSummary.Failing] = []
        var rejected = 0
        for (index, run) in try runner.run(files.map(\.bytes)).enumerated() {
            control.entries.append(collector.entry(run, sizeBytes: files[index].bytes.count))
            if run.verdict.isFinding { failing.append(.init(path: files[index].path, summary: runner.summary(of: run.verdict))) }
            if run.verdict.kind == .rejected { rejected += 1 }
        }
        let kept = Set(MergeSelection.smallestCover(control).chosen)
        let redundant = files.indices.filter { !kept.contains($0) && control.entries[$0].features != nil }
        return CorpusSummary.Coverage(
            edges: collector.edgeCount, edgesOfTarget: modules.counterCount, features: collector.featureCount,
            neededFiles: kept.count, neededBytes: kept.reduce(0) { $0 + files[$1].bytes.count }, rejected: rejected,
            failing: failing, redundant: redundant.map { files[$0].path })
    }
}
