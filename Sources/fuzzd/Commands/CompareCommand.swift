import ArgumentParser
import Daemon

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measure the reset strategies against each other on a corpus.",
        discussion: """
            Runs the same inputs in the same order under each strategy, in alternating rounds, and prints \
            speed, where the time goes, and the inputs whose coverage a reset changed.
            """)

    @Option(help: ArgumentHelp("Campaign to measure.", valueName: "file"))
    var config: String

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Directory of inputs. Repeat it to load several.", valueName: "directory"))
    var corpus: [String]

    @Option(help: ArgumentHelp("Rounds for each strategy.", valueName: "n"))
    var rounds = CompareOptions.defaultRounds

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Measure only this strategy and fork. Repeat it for several.", valueName: "strategy"))
    var reset: [ResetStrategy] = []

    @Option(help: ArgumentHelp("Also run all inputs in this many shuffled orders and compare counts.", valueName: "n"))
    var orders = 0

    @Option(help: ArgumentHelp("Seed of the orders.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write the report as a web page.", valueName: "file"))
    var html: String?

    func validate() throws {
        guard !corpus.isEmpty else {
            throw ValidationError("Missing expected argument '--corpus <directory>'")
        }
        guard (1...1000).contains(rounds) else {
            throw ValidationError("--rounds is \(rounds); give a number from 1 to 1000")
        }
        guard (0...1000).contains(orders) else {
            throw ValidationError("--orders is \(orders); give a number from 0 to 1000")
        }
    }

    func run() throws {
        let options = CompareOptions(
            configPath: config, corpusDirectories: corpus, rounds: rounds,
            strategies: ResetStrategy.allCases.filter { reset.isEmpty || $0 == .fork || reset.contains($0) },
            orders: orders, seed: seed, jsonPath: json, htmlPath: html)
        try Termination.finish(CompareRunner.run(options))
    }
}
