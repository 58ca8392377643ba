import ArgumentParser
import Daemon

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Fuzz until a limit is reached or Ctrl-C is pressed.",
        discussion: """
            Crashes do not end the campaign. The process ends with 77, 71 or 70 if it found a crash, an \
            out-of-memory or a timeout; with 0 if it found nothing, or with --ignore-findings.
            """)

    @Option(help: ArgumentHelp("Campaign to run.", valueName: "file"))
    var config: String

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Directory of inputs. Repeat it to load several; new inputs go to the first.",
            valueName: "directory"))
    var corpus: [String]

    @Option(help: ArgumentHelp("Machines that run at the same time.", valueName: "n"))
    var workers: Int?

    @Option(help: ArgumentHelp("How each input gets a fresh machine.", valueName: "strategy"))
    var reset: ResetStrategy?

    @Option(
        help: ArgumentHelp(
            "Stop after this many executions; 0 only loads the corpus and shows what the config matched.",
            valueName: "n"))
    var runs: UInt64?

    @Option(help: ArgumentHelp("Stop after this time.", valueName: "seconds"))
    var maxTotalTime: UInt64?

    @Option(help: ArgumentHelp("Largest input, in bytes.", valueName: "bytes"))
    var maxLen: Int?

    @Option(
        help: ArgumentHelp(
            "Seed of the random numbers; the same seed gives the same campaign.", valueName: "n"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("Dictionary in libFuzzer's and AFL's format.", valueName: "file"))
    var dict: String?

    @Option(
        help: ArgumentHelp(
            "Look for inputs that others put into the corpus every so many seconds; 0 never.", valueName: "seconds"))
    var reload: Int?

    @Option(
        help: ArgumentHelp("Directory for crash-, timeout-, oom- and leak- files.", valueName: "directory"))
    var artifacts: String?

    @Flag(help: "libFuzzer's log lines even on a terminal.")
    var plain = false

    @Flag(help: "End with 0 although something was found.")
    var ignoreFindings = false

    @Flag(help: "Run in the background; 'fuzzd status' and 'fuzzd stop' reach it.")
    var detach = false

    func validate() throws {
        guard !corpus.isEmpty else {
            throw ValidationError("Missing expected argument '--corpus <directory>'")
        }
        if let workers, !(1...64).contains(workers) {
            throw ValidationError("--workers is \(workers); give a number from 1 to 64")
        }
        if let maxLen, !(1...1_048_576).contains(maxLen) {
            throw ValidationError("--max-len is \(maxLen); give 1 to 1048576 bytes")
        }
        if let reload, !(0...86_400).contains(reload) {
            throw ValidationError("--reload is \(reload); give 0 to 86400 seconds")
        }
    }

    func run() throws {
        if detach {
            return try BackgroundLauncher.launchWithoutDetachFlag(arguments: CommandLine.arguments)
        }
        try Termination.finish(CampaignRunner.run(options))
    }

    var options: StartOptions {
        StartOptions(
            configPath: config, corpusDirectories: corpus, workers: workers, reset: reset, runs: runs,
            maxTotalTimeSeconds: maxTotalTime, maxInputBytes: maxLen, seed: seed, dictionaryPath: dict,
            reloadSeconds: reload, artifactDirectory: artifacts, plain: plain, ignoreFindings: ignoreFindings)
    }
}
