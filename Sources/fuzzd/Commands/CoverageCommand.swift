import ArgumentParser
import Daemon

struct CoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "Show what of a target a corpus reaches, and what lies next to that.",
        subcommands: [CoverageShowCommand.self, CoverageDiffCommand.self],
        defaultSubcommand: CoverageShowCommand.self)
}

struct CoverageShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "What a corpus reaches (this is what 'fuzzd coverage' does without a subcommand).",
        discussion: """
            A target with source coverage (-fprofile-instr-generate -fcoverage-mapping) gets llvm-cov's report; any \
            other one functions, edges and lines by its PC tables, and the frontier: unreached edges beside those \
            that are reached often. Inputs that crash count as far as they come.
            """)

    @Option(help: ArgumentHelp("Campaign whose target is measured.", valueName: "file"))
    var config: String

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Directory of inputs. Repeat it to load several.", valueName: "directory"))
    var corpus: [String]

    @Option(help: ArgumentHelp("Another build of the target, with source coverage say.", valueName: "file"))
    var program: String?

    @Flag(help: "By the PC tables even where the target has source coverage.")
    var edges = false

    @Option(
        help: ArgumentHelp(
            "Write a web page; with source coverage, a directory of pages unless the name ends in .html.", valueName: "path"))
    var html: String?

    @Option(help: ArgumentHelp("Write a tracefile for genhtml and other viewers.", valueName: "file"))
    var lcov: String?

    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
    var json: String?

    func validate() throws {
        guard !corpus.isEmpty else { throw ValidationError("Missing expected argument '--corpus <directory>'") }
    }

    func run() throws {
        let options = CoverageOptions(
            configPath: config, corpusDirectories: corpus, program: program, usesEdges: edges, htmlPath: html, lcovPath: lcov,
            jsonPath: json)
        try Termination.finish(CoverageRunner.run(options))
    }
}

struct CoverageDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What one corpus reaches and the other does not, both ways.")

    @Option(help: ArgumentHelp("Campaign whose target is measured.", valueName: "file"))
    var config: String

    @Option(help: ArgumentHelp("Another build of the target.", valueName: "file"))
    var program: String?

    @Option(help: ArgumentHelp("Write the difference as JSON.", valueName: "file"))
    var json: String?

    @Argument(help: ArgumentHelp("Directory of inputs.", valueName: "first"))
    var first: String

    @Argument(help: ArgumentHelp("Directory of inputs to compare with.", valueName: "second"))
    var second: String

    func run() throws {
        let options = CoverageDiffOptions(
            configPath: config, firstDirectory: first, secondDirectory: second, program: program, jsonPath: json)
        try Termination.finish(CoverageRunner.run(options))
    }
}
