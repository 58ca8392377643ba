import ArgumentParser
import Daemon

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a web page about a campaign: curves, coverage, accesses, findings.",
        discussion: """
            One file that needs no network. The corpus is run twice, for its coverage and for the registers that it \
            accesses. The campaign may be running.
            """)

    @Option(help: ArgumentHelp("Campaign to report on.", valueName: "file"))
    var config: String

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Directory of inputs; the first has the campaign's history. Without any, the page has the findings only.",
            valueName: "directory"))
    var corpus: [String] = []

    @Option(help: ArgumentHelp("Where the artifacts are, if not where the config says.", valueName: "directory"))
    var artifacts: String?

    @Option(help: ArgumentHelp("The page.", valueName: "file"))
    var html: String

    func run() throws {
        let options = ReportOptions(
            configPath: config, corpusDirectories: corpus, artifactDirectory: artifacts, htmlPath: html)
        try Termination.finish(ReportRunner.run(options))
    }
}
