import ForkServer
import Fuzzing
import Glibc
import Storage

// `fuzzd minimize` of what does not fail alone: it may need what earlier inputs left behind.
extension MinimizeRunner {
    /// - Throws: `CommandFailure` where nothing is known of earlier inputs, or they do not show the failure either.
    static func minimizeWithState(
        _ input: [UInt8], _ check: ArtifactCheck, _ target: TargetConfiguration, _ format: InputFormat,
        _ options: MinimizeOptions, _ file: inout MinimizedFile
    ) throws -> FuzzdExitCode {
        let doesNotFail = "\(check.path): does not fail in \(stabilityRuns) runs on this target"
        guard let recent = check.recentInputs, let signature = check.record?.signature, !signature.isEmpty,
            let replay = try StateReplay(target: target, artifact: input, recent: recent, signature: signature)
        else {
            throw CommandFailure(.artifactDoesNotFail, "\(doesNotFail); \(check.advice)")
        }
        defer { replay.stop() }
        print("  does not fail alone; replaying \(count(recent.inputs.count)) under the strategy \(recent.reset)")
        fflush(nil)
        let output = DescriptorOutput(descriptor: STDERR_FILENO)
        let progress = MinimizeProgress(output: output, isBar: output.isCapableTerminal, bytes: input.count)
        let search = StateMinimization(
            replay: replay, recent: recent, format: format, seed: options.seed, maxTries: options.runs,
            isEnough: {
                StopSignals.areRaised || options.maxTotalTimeSeconds.map { progress.elapsedSeconds >= Double($0) } ?? false
            })
        guard let earlier = try search.neededInputs() else {
            throw CommandFailure(
                .artifactDoesNotFail,
                "\(doesNotFail), nor behind the \(count(recent.inputs.count)) that its runner took before; \(check.advice)")
        }
        let start = StateMinimization.Inputs(earlier: earlier, artifact: input)
        print("  fails behind \(count(earlier.count)): \(format.size(Array(earlier.joined())))")
        fflush(nil)
        let best = try search.minimize(start, onProgress: progress.show) { try file.keep($0.artifact, behind: $0.earlier) }
        progress.finish()
        if !search.isDone { print(StopSignals.areRaised ? "Interrupted: the best so far is kept" : "Limit reached: the best so far is kept") }
        try file.write(best.artifact, behind: best.earlier)
        print(
            "Minimized: \(format.size(input)) -> \(format.size(best.artifact)), behind \(count(recent.inputs.count)) -> "
                + "\(count(best.earlier.count)), \(format.size(Array(best.earlier.joined()))); "
                + "\(HumanFormat.grouped(search.tries)) tries in \(HumanFormat.duration(seconds: progress.elapsedSeconds))")
        let paths = best.earlier.indices.map(file.earlierPath) + [file.path]
        print("  written to \(paths.joined(separator: ", "))")
        let words = ["fuzzd", "reproduce", "--config", options.configPath, "--reset", recent.reset] + paths
        print("  " + words.map(Campaign.shellQuoted).joined(separator: " "))
        return .success
    }

    private static func count(_ inputs: Int) -> String { SummaryText.plural(inputs, "earlier input") }
}
