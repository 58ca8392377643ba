import ArgumentParser
import Daemon

struct ReproduceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reproduce",
        abstract: "Run artifacts again and say what happens.",
        discussion: "Ends with 77, 71 or 70 if an artifact still crashes, runs out of memory or times out.")

    @Option(help: ArgumentHelp("Campaign that found the artifacts.", valueName: "file"))
    var config: String

    @Option(help: ArgumentHelp("How each input gets a fresh machine (default: fork).", valueName: "strategy"))
    var reset: ResetStrategy?

    @Option(
        help: ArgumentHelp(
            "Run each file this often and say whether it is stable: the same failure in at least half of the runs.",
            valueName: "n"))
    var runs: Int?

    @Argument(help: ArgumentHelp("Files to run.", valueName: "artifact"))
    var artifacts: [String]

    func validate() throws {
        if let runs, !(1...100_000).contains(runs) {
            throw ValidationError("--runs is \(runs); give a number from 1 to 100000")
        }
    }

    func run() throws {
        let options = ReproduceOptions(configPath: config, artifactPaths: artifacts, reset: reset, runs: runs)
        try Termination.finish(ReproduceRunner.run(options))
    }
}
