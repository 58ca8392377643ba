import ForkServer
import Foundation
import Fuzzing
import Storage

/// Runs `fuzzd minimize`.
package enum MinimizeRunner {
    /// Runs of the original that decide whether it is stable; ClusterFuzz's number.
    static let stabilityRuns = 10
    /// The same failure in each of so many runs is decided: `stable` is what fails in half of ten.
    private static let decisiveRuns = 5
    /// Without `--workers` and the config's, one for each processor up to this: candidates are few.
    private static let mostWorkers = 4

    /// Makes an artifact smaller and says by how much.
    ///
    /// - Returns: how the process ends. Prints to standard output itself, its progress to standard error.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: MinimizeOptions) throws -> FuzzdExitCode {
        StopSignals.install()
        StopSignals.ignoreThoseOfFailedWrites()
        let configuration = try CampaignSettings.loadConfiguration(options.configPath)
        var target = try CampaignSettings.targetConfiguration(configuration)
        let input = try ReproduceRunner.read(options.artifactPath)
        let check = ArtifactCheck(path: options.artifactPath, bytes: input, configuration: configuration)
        try check.check()
        var file = try MinimizedFile(outputPath: options.outputPath, artifactPath: options.artifactPath, artifact: input)
        target.workers = options.workers ?? max(target.workers, min(processors, mostWorkers))
        target.strategy = .fork
        target.maxInputBytes = max(1, input.count)
        let format = options.format ?? InputFormat(configuration)
        print("Minimizing: \(options.artifactPath) (\(format.rawValue)): \(format.size(input))")
        do {
            let runner = try CandidateRunner(configuration: target) { rehearse(input, format) }
            defer { runner.stop() }
            guard let failure = try failure(of: input, runner) else {
                runner.stop()
                return try minimizeWithState(input, check, target, format, options, &file)
            }
            let policy = TrialPolicy(failures: failure.count, of: failure.runs, runs: options.repeats)
            tell(failure, policy)
            var minimizer = Minimizer(input: input, format: format, seed: options.seed, maxTries: options.runs)
            let seconds = try search(&minimizer, failure.outcome, policy, runner, options, &file)
            let tellsShare = policy != .once && minimizer.best != input
            if !tellsShare { runner.beginStop() }
            let code = try end(minimizer, input, runner, seconds, options, &file)
            if tellsShare { try tellShare(of: minimizer.best, failure.outcome, runner) }
            return code
        } catch let error as ForkServerError {
            throw CommandFailure(target: error)
        }
    }

    /// The config that the campaign wrote down beside an artifact.
    ///
    /// - Throws: `CommandFailure` where nobody wrote one.
    package static func recordedConfig(ofArtifact path: String) throws -> String {
        let contents = FileManager.default.contents(atPath: path + ".json")
        if let record = contents.flatMap({ ArtifactRecord(decoding: Array($0)) }) { return record.config }
        _ = try ReproduceRunner.read(path)
        throw CommandFailure(.usage, "\(path): no record beside it names its campaign; give --config FILE")
    }

    /// Processors of the host.
    private static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// What an artifact does most often, where that is a failure.
    private struct Failure {
        var outcome: Outcome
        var count: Int
        var runs: Int
        var summary: String
    }

    private static func failure(of input: [UInt8], _ runner: CandidateRunner) throws -> Failure? {
        var results = try runner.outcomes(of: input, times: decisiveRuns)
        if !isDecided(results.map(\.outcome)) {
            results += try runner.outcomes(of: input, times: stabilityRuns - decisiveRuns)
        }
        var best: Failure?
        for (outcome, description) in results where outcome.isFinding {
            let count = results.count { $0.outcome == outcome }
            guard count > best?.count ?? 0 else { continue }
            best = Failure(outcome: outcome, count: count, runs: results.count, summary: description.summary)
        }
        return best
    }

    /// Whether further runs could not make another thing of an artifact: it failed in the same way each time.
    package static func isDecided(_ outcomes: [Outcome]) -> Bool {
        guard let first = outcomes.first, first.isFinding else { return false }
        return outcomes.count >= decisiveRuns && outcomes.allSatisfy { $0 == first }
    }

    /// Tries one candidate without a target: what the language's runtime looks up when code runs for the first time would make
    /// the workers wait later.
    private static func rehearse(_ input: [UInt8], _ format: InputFormat) {
        var minimizer = Minimizer(input: input, format: format)
        guard let candidate = minimizer.nextCandidate() else { return }
        minimizer.settle(candidate, stillFails: false)
    }

    private static func tell(_ failure: Failure, _ policy: TrialPolicy) {
        let summary = TerminalText.sanitised(failure.summary)
        let isStable = failure.count == failure.runs
        print("  \(isStable ? "" : "flaky: ")fails in \(failure.count) of \(failure.runs) runs: \(summary)")
        guard policy != .once else { return }
        print(
            "  each candidate is run up to \(SummaryText.plural(policy.runs, "time")), and taken if it fails in the same way "
                + "\(SummaryText.plural(policy.needed, "time"))")
    }

    /// What fails by chance may have become rarer: how often the result fails is told.
    private static func tellShare(of result: [UInt8], _ wanted: Outcome, _ runner: CandidateRunner) throws {
        let count = try runner.outcomes(of: result, times: stabilityRuns).count { $0.outcome == wanted }
        print("  the result fails in \(count) of \(stabilityRuns) runs")
    }

    private static func search(
        _ minimizer: inout Minimizer, _ wanted: Outcome, _ policy: TrialPolicy, _ runner: CandidateRunner,
        _ options: MinimizeOptions, _ file: inout MinimizedFile
    ) throws -> Double {
        let output = DescriptorOutput(descriptor: STDERR_FILENO)
        let progress = MinimizeProgress(
            output: output, isBar: output.isCapableTerminal, bytes: minimizer.best.count)
        defer { progress.finish() }
        fflush(nil)
        try runner.run(
            &minimizer, wanted: wanted, policy: policy,
            isEnough: {
                StopSignals.areRaised || options.maxTotalTimeSeconds.map { progress.elapsedSeconds >= Double($0) } ?? false
            },
            onProgress: { minimizer in
                progress.show(minimizer)
                if minimizer.acceptedCount > 0 { try file.keep(minimizer.best) }
            })
        return progress.elapsedSeconds
    }

    private static func end(
        _ minimizer: Minimizer, _ input: [UInt8], _ runner: CandidateRunner, _ seconds: Double, _ options: MinimizeOptions,
        _ file: inout MinimizedFile
    ) throws -> FuzzdExitCode {
        let used = "\(HumanFormat.grouped(runner.executions)) executions in \(HumanFormat.duration(seconds: seconds))"
        if StopSignals.areRaised {
            print("Interrupted: the best so far is kept")
        } else if !minimizer.isDone {
            print("Time limit reached: the best so far is kept")
        } else if let runs = options.runs, minimizer.tries >= runs {
            print("Limit of \(runs) tries reached: the best so far is kept")
        }
        guard minimizer.best != input || options.outputPath != nil else {
            print("Nothing smaller fails in the same way; nothing was written. Used \(used)")
            return .success
        }
        try file.write(minimizer.best)
        print("Minimized: \(minimizer.format.size(input)) -> \(minimizer.format.size(minimizer.best)); \(used)")
        print("  written to \(file.path)")
        print("  \(Campaign.reproduceCommand(config: options.configPath, artifact: file.path))")
        return .success
    }
}
