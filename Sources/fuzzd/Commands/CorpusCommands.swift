import ArgumentParser
import Daemon

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Add to a corpus the fewest files that have all features of others.",
        discussion: """
            What the corpus has stays. A merge that was killed or interrupted goes on where it was when the same command runs \
            again. Files that fail are named and left out.
            """)

    @Option(help: ArgumentHelp("Campaign whose target runs the files.", valueName: "file"))
    var config: String

    @Option(help: ArgumentHelp("Directory that files are added to; made if it is missing.", valueName: "directory"))
    var corpus: String

    @Option(help: ArgumentHelp("Machines that run at the same time (default: the config's).", valueName: "n"))
    var workers: Int?

    @Option(
        help: ArgumentHelp("Where progress is written down (default: the corpus's hidden folder).", valueName: "file"))
    var controlFile: String?

    @Argument(help: ArgumentHelp("Directories that files are chosen from.", valueName: "directory"))
    var directories: [String]

    func validate() throws {
        if let workers, !(1...64).contains(workers) {
            throw ValidationError("--workers is \(workers); give a number from 1 to 64")
        }
    }

    func run() throws {
        let options = MergeOptions(
            configPath: config, corpusDirectory: corpus, sourceDirectories: directories, workers: workers,
            controlFilePath: controlFile)
        try Termination.finish(MergeRunner.run(options))
    }
}

struct CorpusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corpus",
        abstract: "Say what is in a directory of inputs.",
        discussion: """
            Files, bytes and sizes; with --config also the coverage of all of them, the files that the others make \
            superfluous, those that fail, and for generic harnesses how many operations there are of each kind.
            """)

    @Option(help: ArgumentHelp("Campaign whose target runs the files.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Machines that run at the same time (default: the config's).", valueName: "n"))
    var workers: Int?

    @Flag(help: "Print JSON.")
    var json = false

    @Argument(help: ArgumentHelp("Directory of inputs.", valueName: "directory"))
    var directory: String

    func validate() throws {
        if let workers, !(1...64).contains(workers) {
            throw ValidationError("--workers is \(workers); give a number from 1 to 64")
        }
    }

    func run() throws {
        let options = CorpusOptions(configPath: config, directory: directory, workers: workers, json: json)
        try Termination.finish(CorpusRunner.run(options))
    }
}
