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

    @Argument(help: ArgumentHelp("Files to run.", valueName: "artifact"))
    var artifacts: [String]

    func run() throws {
        let options = ReproduceOptions(configPath: config, artifactPaths: artifacts, reset: reset)
        try Termination.finish(ReproduceRunner.run(options))
    }
}
