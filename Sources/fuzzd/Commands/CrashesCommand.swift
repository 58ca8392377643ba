import ArgumentParser
import Daemon

struct CrashesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crashes",
        abstract: "Verify artifacts by ten fresh runs each (five of a hang), group them by stack, and list the groups.",
        discussion: """
            Results are kept beside the artifacts, so only new ones are run. Ends with 0, or with the code of the gravest \
            problem: 3 for an artifact that cannot be read or belongs to another target, 4 for a target that does not start.
            """,
        subcommands: [ListCrashesCommand.self, ShowCrashCommand.self], defaultSubcommand: ListCrashesCommand.self)
}

/// Which artifacts; the same for both commands.
struct CrashSelection: ParsableArguments {
    @Option(help: ArgumentHelp("Campaign that found them (default: what their records name).", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Directory of artifacts (default: the config's, or all below ./artifacts).", valueName: "directory"))
    var artifacts: String?

    @Flag(help: "Run all of them anew.")
    var again = false

    @Flag(help: "Print JSON.")
    var json = false

    var options: CrashesOptions {
        var options = CrashesOptions(configPath: config, artifactDirectory: artifacts)
        options.again = again
        options.json = json
        return options
    }
}

struct ListCrashesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the groups, newest first (what 'fuzzd crashes' does).")

    @OptionGroup var selection: CrashSelection

    @Option(help: ArgumentHelp("Write the groups as SARIF 2.1.0.", valueName: "file"))
    var sarif: String?

    @Option(
        help: ArgumentHelp(
            "Top of the repository, for SARIF's relative paths (default: the current directory).", valueName: "directory"))
    var sourceRoot: String?

    func run() throws {
        var options = selection.options
        options.sarifPath = sarif
        options.sourceRoot = sourceRoot
        try Termination.finish(CrashesRunner.run(options, version: FuzzdVersion.text))
    }
}

struct ShowCrashCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "All that is known of one: report, stack, config, commands.")

    @OptionGroup var selection: CrashSelection

    @Argument(help: ArgumentHelp("ID of a group, or an artifact's path, name or SHA-1; its beginning will do.", valueName: "ID"))
    var crash: String

    func run() throws {
        var options = selection.options
        options.shown = crash
        try Termination.finish(CrashesRunner.run(options, version: FuzzdVersion.text))
    }
}
