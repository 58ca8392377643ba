import ArgumentParser
import Daemon

struct MinimizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "minimize",
        // Where this is parsed alone, which saves the look for the flags that ask for completion scripts.
        _superCommandName: "fuzzd",
        abstract: "Make an artifact smaller; it keeps failing as it does.",
        discussion: """
            Inputs of generic harnesses lose whole operations first, then operands and DMA patterns become simpler; then, and \
            for all others, bytes go, and what does not matter is overwritten. Ctrl-C keeps the best so far. An artifact that is \
            flaky has each candidate run several times; one that fails only behind earlier inputs is made smaller together \
            with these. Ends with 10 if the artifact does not fail in ten runs.
            """)

    @Option(help: ArgumentHelp("Campaign that found the artifact (default: what the record beside it names).", valueName: "file"))
    var config: String?

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("Where the result goes (default: minimized-from-SHA1 beside the artifact).", valueName: "file"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Machines that run at the same time (default: one a processor, at most 4, or the config's if more).", valueName: "n"))
    var workers: Int?

    @Option(help: ArgumentHelp("Try at most this many candidates.", valueName: "n"))
    var runs: UInt64?

    @Option(help: ArgumentHelp("Stop after this time.", valueName: "seconds"))
    var maxTotalTime: UInt64?

    @Option(help: ArgumentHelp("Seed of the random tries; the same seed gives the same result.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("How the input is read: generic-fuzz or bytes (default: by the config).", valueName: "format"))
    var format: InputFormat?

    @Option(
        name: .customLong("repeat"),
        help: ArgumentHelp(
            "Run each candidate up to n times (default: once, and as often as it takes where the artifact is flaky).",
            valueName: "n"))
    var repeats: Int?

    @Argument(help: ArgumentHelp("File to make smaller; it is never changed.", valueName: "artifact"))
    var artifact: String

    func validate() throws {
        if let workers, !(1...64).contains(workers) {
            throw ValidationError("--workers is \(workers); give a number from 1 to 64")
        }
        if let repeats, !(1...1000).contains(repeats) {
            throw ValidationError("--repeat is \(repeats); give a number from 1 to 1000")
        }
    }

    func run() throws {
        let configPath = try config ?? MinimizeRunner.recordedConfig(ofArtifact: artifact)
        let options = MinimizeOptions(
            configPath: configPath, artifactPath: artifact, outputPath: output, workers: workers, runs: runs,
            maxTotalTimeSeconds: maxTotalTime, seed: seed, format: format, repeats: repeats)
        try Termination.finish(MinimizeRunner.run(options))
    }
}
