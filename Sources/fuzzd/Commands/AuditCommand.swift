import ArgumentParser
import Daemon

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Find state that the reboot of a machine forgets.",
        discussion: """
            Takes the machine before any input, runs an input, lets the harness reboot the machine, and compares memory with \
            what it was. What still differs is told by variable or object, with the smallest input that causes it.
            """)

    @Option(help: ArgumentHelp("Campaign to audit.", valueName: "file"))
    var config: String

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Directory of inputs. Repeat it to load several.", valueName: "directory"))
    var corpus: [String]

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write the report as a web page.", valueName: "file"))
    var html: String?

    func validate() throws {
        guard !corpus.isEmpty else {
            throw ValidationError("Missing expected argument '--corpus <directory>'")
        }
    }

    func run() throws {
        let options = AuditOptions(configPath: config, corpusDirectories: corpus, jsonPath: json, htmlPath: html)
        try Termination.finish(AuditRunner.run(options))
    }
}
