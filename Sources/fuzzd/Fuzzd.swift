import ArgumentParser
import Daemon

/// The root command.
struct Fuzzd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzzd",
        abstract: "A fork-server fuzzing daemon for emulated machines.",
        discussion: """
            Start with a ready config:
              fuzzd start --config configs/virtio-blk.yaml --corpus corpus/

            Exit codes: 0 done, 77 crash found, 71 out-of-memory found, 70 timeout found, 2 wrong usage or \
            config; the others are in docs/exit-codes.md.
            """,
        version: FuzzdVersion.text,
        subcommands: [
            StartCommand.self, StatusCommand.self, StopCommand.self, PauseCommand.self, ResumeCommand.self,
            ListCommand.self, ReproduceCommand.self, CrashesCommand.self, CompareCommand.self, AuditCommand.self,
            MinimizeCommand.self, MergeCommand.self, CorpusCommand.self,
            TraceCommand.self, ExportCommand.self, ConfirmCommand.self, ImportCommand.self,
            CoverageCommand.self, ReportCommand.self,
        ])

    /// What the words of a command line say. Where nothing is wrong with them the parser of one subcommand is enough, which saves
    /// some milliseconds; help and errors are told by the parser of all.
    static func command(of words: [String]) throws -> any ParsableCommand {
        let asksForHelp = !["--help", "-h", "-help", "help"].allSatisfy { !words.contains($0) }
        if !asksForHelp, let subcommand = configuration.subcommands.first(where: { $0.configuration.commandName == words.first }),
            let command = try? subcommand.parseAsRoot(Array(words.dropFirst()))
        {
            return command
        }
        if let word = words.first, !word.hasPrefix("-"), word != "help" { try check(subcommand: word) }
        return try parseAsRoot(words)
    }

    private static func check(subcommand word: String) throws {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        if names.contains(word) { return }
        let hint = CommandNames.nearest(to: word, among: names).map { "; did you mean '\($0)'?" } ?? ""
        throw ValidationError("there is no subcommand '\(word)'\(hint)")
    }
}

/// The version that `fuzzd --version` prints.
enum FuzzdVersion {
    static let text = "fuzzd 0.1.0"
}

extension ResetStrategy: ExpressibleByArgument {}
extension InputFormat: ExpressibleByArgument {}
