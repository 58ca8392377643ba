import ArgumentParser
import Daemon

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Print the qtest commands that an artifact of a generic harness comes to.",
        discussion: """
            Memory that the harness fills when a device reads it is written before the access that reads. Comments \
            name region and register.
            """)

    @Option(help: ArgumentHelp("Campaign that found the artifact (default: the one in its record).", valueName: "file"))
    var config: String?

    @Argument(help: ArgumentHelp("File to run.", valueName: "artifact"))
    var artifact: String

    func run() throws {
        try Termination.finish(TraceRunner.run(TraceOptions(artifactPath: artifact, configPath: config)))
    }
}

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write an artifact as a script for people without fuzzd.",
        discussion: """
            qtest: commands only. bash: one shell command to paste and mail, with QEMU's command line. c: a test for \
            QEMU's tests/qtest.
            """)

    @Option(help: ArgumentHelp("Campaign that found the artifact (default: the one in its record).", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("qtest, bash or c.", valueName: "format"))
    var format: ExportFormat

    @Option(name: .short, help: ArgumentHelp("Write a new file instead of standard output.", valueName: "file"))
    var output: String?

    @Argument(help: ArgumentHelp("File to export.", valueName: "artifact"))
    var artifact: String

    func run() throws {
        let options = ExportOptions(artifactPath: artifact, configPath: config, format: format, outputPath: output)
        try Termination.finish(ExportRunner.run(options))
    }
}

struct ConfirmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Run an artifact's script on an ordinary QEMU and make it shorter there.",
        discussion: """
            Says whether the failure is the same, another or none, and whether the result is the same each time. Ends with 20 \
            unless it is the same failure in every run.
            """)

    @Option(help: ArgumentHelp("Campaign that found the artifact (default: the one in its record).", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Program that speaks qtest, by name or path; pc-fuzz is one too.", valueName: "program"))
    var qemu = ConfirmOptions.defaultProgram

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Its arguments, in one word, instead of those of the artifact's machine.", valueName: "arguments"))
    var qemuArgs: String?

    @Option(help: ArgumentHelp("Runs of the whole script.", valueName: "n"))
    var runs = ConfirmOptions.defaultRuns

    @Option(help: ArgumentHelp("Seconds without an answer that are a hang.", valueName: "s"))
    var timeout = ConfirmOptions.defaultSilenceSeconds

    @Flag(help: "Leave the script as long as it is.")
    var noMinimize = false

    @Option(help: ArgumentHelp("qtest, bash or c.", valueName: "format"))
    var format = ExportFormat.qtest

    @Option(name: .short, help: ArgumentHelp("Write the script to a new file instead of standard output.", valueName: "file"))
    var output: String?

    @Argument(help: ArgumentHelp("File to confirm.", valueName: "artifact"))
    var artifact: String

    func validate() throws {
        guard (1...1000).contains(runs) else {
            throw ValidationError("--runs is \(runs); give a number from 1 to 1000")
        }
        guard (1...3600).contains(timeout) else {
            throw ValidationError("--timeout is \(timeout); give a number from 1 to 3600")
        }
    }

    func run() throws {
        let options = ConfirmOptions(
            artifactPath: artifact, configPath: config, program: qemu,
            programArguments: qemuArgs.map { $0.split(separator: " ").map(String.init) }, runs: runs,
            silenceSeconds: Double(timeout), minimizes: !noMinimize, format: format, outputPath: output)
        try Termination.finish(ConfirmRunner.run(options))
    }
}

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn qtest commands into inputs of a generic harness.",
        discussion: """
            Reads qtest text, or tests in C as in QEMU's tests/qtest (fuzz-*-test.c); each test becomes an input and, without \
            --config, the config of its machine beside it. What the format or the target cannot express is refused by line.
            """)

    @Option(help: ArgumentHelp("Campaign whose target the input is for.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("QEMU's fuzz program, where the file says which machine it is for.", valueName: "program"))
    var program = "qemu-fuzz-i386"

    @Option(help: ArgumentHelp("Globs of the regions that inputs reach there.", valueName: "globs"))
    var objects = "*"

    @Flag(help: "Leave out the lines that cannot be expressed.")
    var skip = false

    @Option(name: .short, help: ArgumentHelp("Directory for the inputs.", valueName: "directory"))
    var output: String

    @Argument(help: ArgumentHelp("File to import.", valueName: "file"))
    var file: String

    func run() throws {
        let options = ImportOptions(
            filePath: file, outputDirectory: output, configPath: config, program: program, objects: objects, skipsRefused: skip)
        try Termination.finish(ImportRunner.run(options))
    }
}

extension ExportFormat: ExpressibleByArgument {}
