import ForkServer
import Fuzzing
import Glibc

/// Runs `fuzzd minimize`.
package enum MinimizeRunner {
    /// Runs of the original that decide whether it is stable; ClusterFuzz's number.
    static let stabilityRuns = 10

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
        target.workers = options.workers ?? target.workers
        target.strategy = .fork
        target.maxInputBytes = max(1, input.count)
        let format = options.format ?? InputFormat(configuration)
        print("Minimizing: \(options.artifactPath) (\(format.rawValue)): \(format.size(input))")
        do {
            let runner = try CandidateRunner(configuration: target)
            defer { runner.stop() }
            let wanted = try stableOutcome(of: input, runner, check)
            var minimizer = Minimizer(input: input, format: format, seed: options.seed, maxTries: options.runs)
            let seconds = try search(&minimizer, wanted, runner, options, &file)
            return try end(minimizer, input, runner, seconds, options, &file)
        } catch let error as ForkServerError {
            throw CommandFailure(target: error)
        }
    }

    /// What the artifact does each time.
    private static func stableOutcome(
        of input: [UInt8], _ runner: CandidateRunner, _ check: ArtifactCheck
    ) throws -> Outcome {
        let results = try runner.outcomes(of: input, times: stabilityRuns)
        var best: (count: Int, outcome: Outcome, summary: String)?
        for (outcome, description) in results where outcome.isFinding {
            let count = results.count { $0.outcome == outcome }
            if count > best?.count ?? 0 { best = (count, outcome, description.summary) }
        }
        guard let best else {
            throw CommandFailure(
                .artifactDoesNotFail, "\(check.path): does not fail in \(stabilityRuns) runs on this target; \(check.advice)")
        }
        let summary = TerminalText.sanitised(best.summary)
        guard best.count == stabilityRuns else {
            throw CommandFailure(
                .artifactDoesNotFail,
                "\(check.path): flaky, \(best.count) of \(stabilityRuns) runs end with: \(summary); what fails by chance cannot "
                    + "be minimized")
        }
        print("  fails in \(stabilityRuns) of \(stabilityRuns) runs: \(summary)")
        return best.outcome
    }

    private static func search(
        _ minimizer: inout Minimizer, _ wanted: Outcome, _ runner: CandidateRunner, _ options: MinimizeOptions,
        _ file: inout MinimizedFile
    ) throws -> Double {
        let output = DescriptorOutput(descriptor: STDERR_FILENO)
        let progress = MinimizeProgress(
            output: output, isBar: output.isCapableTerminal, bytes: minimizer.best.count)
        defer { progress.finish() }
        fflush(nil)
        try runner.run(
            &minimizer, wanted: wanted,
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
