import ForkServer
import Foundation
import Storage

// `fuzzd reproduce --runs N`: each file several times, with the label that `fuzzd crashes` gives.
extension ReproduceRunner {
    /// A line for each artifact that the config's target did not find; it is run all the same, as asked.
    static func noteOtherTargets(_ options: ReproduceOptions) {
        guard let configuration = try? CampaignSettings.loadConfiguration(options.configPath),
            let target = try? CampaignSettings.targetConfiguration(configuration)
        else { return }
        let harness = CampaignSettings.harnessName(configuration)
        for path in options.artifactPaths {
            noteChange(of: path)
            guard let bytes = try? LinuxFileSystem().contents(of: path + ".json", maxBytes: 4 << 20) else { continue }
            let record = ArtifactRecord(decoding: bytes)
            let line =
                record == nil
                ? "truncated or no record of fuzzd; what follows is of the input alone"
                : TargetIdentity.mismatch(record, target, harness: harness)
            guard let line else { continue }
            let file = record == nil ? path + ".json" : path
            FileHandle.standardError.write(Data(TerminalText.sanitised("fuzzd: note: \(file): \(line)").utf8 + [10]))
        }
    }

    /// Whoever runs a file that was cut off should not take it for the finding.
    private static func noteChange(of path: String) {
        let name = String(path.split(separator: "/").last ?? "")
        guard ArtifactStore.isArtifactName(name), let bytes = try? read(path), !name.hasSuffix(inputName(of: bytes)) else { return }
        ErrorOutput.print(
            "fuzzd: note: \(path): its bytes (\(bytes.count)) are not those that its name was made of: cut off or changed")
    }

    /// - Throws: `CommandFailure`.
    static func run(_ options: ReproduceOptions, times: Int) throws -> FuzzdExitCode {
        let configuration = try CampaignSettings.loadConfiguration(options.configPath)
        var target = try CampaignSettings.targetConfiguration(configuration)
        target.strategy = options.reset ?? .fork
        let inputs = try options.artifactPaths.map(read)
        do throws(ForkServerError) {
            let runner = try CrashRunner(target: target, maxInputBytes: inputs.map(\.count).max() ?? 1)
            defer { runner.stop() }
            var found = ArtifactCounts()
            for (path, input) in zip(options.artifactPaths, inputs) {
                let runs = try runner.run(input, times: times)
                tell(path, runs, &found)
            }
            return FuzzdExitCode(worstOf: found)
        } catch {
            throw CommandFailure(.targetUnusable, error.description)
        }
    }

    private static func tell(_ path: String, _ runs: [ObservedRun], _ found: inout ArtifactCounts) {
        print("Running: \(path)")
        guard let failed = mostFrequent(runs), let signature = failed.signature else {
            return print("  no failure in \(runs.count) runs")
        }
        found[signature.kind] += 1
        let tally = RunTally(runs, of: signature)
        print("  \(failed.description?.error ?? signature.errorType)")
        let lines = failed.report?.lines ?? []
        for line in lines { print(TerminalText.sanitised(line)) }
        if lines.isEmpty {
            for (index, frame) in (failed.report?.stack ?? []).enumerated() { print("    #\(index) \(frame.reportText)") }
        }
        print("  SUMMARY: \(TerminalText.sanitised(signature.summary))")
        for other in tally.others {
            print("  other: \(other.count) of \(tally.runs) with \(TerminalText.sanitised(other.signature.summary))")
        }
        let seconds = runs.reduce(0) { $0 + $1.milliseconds } / 1000
        print("  \(tally.label): the same failure in \(tally.same) of \(tally.runs) runs")
        print("Executed \(path) \(runs.count) times in \(HumanFormat.duration(seconds: seconds))")
    }

    private static func mostFrequent(_ runs: [ObservedRun]) -> ObservedRun? {
        let failed = runs.filter(\.isFailure)
        let counts = failed.map { run in failed.count { $0.signature == run.signature } }
        return counts.max().flatMap { most in counts.firstIndex(of: most).map { failed[$0] } }
    }
}
