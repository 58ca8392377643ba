import Daemon
import Foundation
import Testing

/// The built program as a user sees it: help, refusals, exit codes.
@Suite struct CliTests {
    struct Result {
        var code: Int32
        var output: String
        var error: String
    }

    /// The program beside the test bundle; `swift test` builds both.
    static func run(_ arguments: [String]) throws -> Result {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let process = Process()
        process.executableURL = bundle.appendingPathComponent("fuzzd")
        process.arguments = arguments
        process.environment = ["HOME": "/nonexistent", "COLUMNS": "80", "PATH": "/usr/bin:/bin"]
        let (output, error) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let outputText = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let errorText = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Result(code: process.terminationStatus, output: outputText, error: errorText)
    }

    @Test func theVersion() throws {
        let result = try Self.run(["--version"])
        #expect(result.code == 0)
        #expect(result.output == "fuzzd 0.1.0\n")
    }

    @Test func theRootHelpListsEveryCommand() throws {
        let result = try Self.run(["--help"])
        #expect(result.code == 0)
        for command in ["start", "status", "stop", "pause", "resume", "list", "reproduce", "compare", "coverage", "report"] {
            #expect(result.output.contains("\n  \(command) "), "\(command)")
        }
        #expect(result.output.contains("docs/exit-codes.md"))
    }

    @Test func theHelpOfStart() throws {
        let result = try Self.run(["start", "--help"])
        #expect(result.code == 0)
        #expect(
            result.output == """
                OVERVIEW: Fuzz until a limit is reached or Ctrl-C is pressed.

                Crashes do not end the campaign. The process ends with 77, 71 or 70 if it found
                a crash, an out-of-memory or a timeout; with 0 if it found nothing, or with
                --ignore-findings.

                USAGE: fuzzd start [<options>] --config <file> --corpus <directory> ...

                OPTIONS:
                  --config <file>         Campaign to run.
                  --corpus <directory>    Directory of inputs. Repeat it to load several; new
                                          inputs go to the first.
                  --workers <n>           Machines that run at the same time.
                  --reset <strategy>      How each input gets a fresh machine. (values: fork,
                                          snapshot, reboot, none)
                  --runs <n>              Stop after this many executions; 0 only loads the
                                          corpus and shows what the config matched.
                  --max-total-time <seconds>
                                          Stop after this time.
                  --max-len <bytes>       Largest input, in bytes.
                  --seed <n>              Seed of the random numbers; the same seed gives the
                                          same campaign.
                  --dict <file>           Dictionary in libFuzzer's and AFL's format.
                  --reload <seconds>      Look for inputs that others put into the corpus every
                                          so many seconds; 0 never.
                  --artifacts <directory> Directory for crash-, timeout-, oom- and leak- files.
                  --plain                 libFuzzer's log lines even on a terminal.
                  --ignore-findings       End with 0 although something was found.
                  --detach                Run in the background; 'fuzzd status' and 'fuzzd
                                          stop' reach it.
                  --version               Show the version.
                  -h, --help              Show help information.


                """)
    }

    @Test(arguments: [
        (["frobnicate"], "there is no subcommand 'frobnicate'"),
        (["minimise", "artifact"], "did you mean 'minimize'?"),
        (["start"], "--config"),
        (["start", "--config", "c.yaml"], "--corpus"),
        (["start", "--config", "c", "--corpus", "d", "--reset", "magic"], "'fork', 'snapshot', 'reboot' or 'none'"),
        (["start", "--config", "c", "--corpus", "d", "--runs", "-1"], "--runs"),
        (["start", "--config", "c", "--corpus", "d", "--workers", "0"], "--workers is 0"),
        (["start", "--config", "c", "--corpus", "d", "--workers", "1025"], "--workers is 1025"),
        (["start", "--config", "c", "--corpus", "d", "--max-len", "0"], "--max-len is 0"),
        (["start", "--config", "c", "--corpus", "d", "--reload", "86401"], "--reload is 86401"),
        (["compare", "--config", "c", "--corpus", "d", "--rounds", "0"], "--rounds is 0"),
        (["reproduce", "--config", "c"], "<artifact>"),
    ])
    func wrongUsageEndsWithTwoAndNamesTheFlag(arguments: [String], word: String) throws {
        let result = try Self.run(arguments)
        #expect(result.code == FuzzdExitCode.usage.rawValue)
        #expect(result.error.contains(word), "\(result.error)")
        #expect(result.output.isEmpty)
    }

    @Test func findingsHaveLibFuzzersCodes() {
        var counts = ArtifactCounts()
        #expect(FuzzdExitCode(worstOf: counts) == .success)
        counts[.timeout] = 3
        #expect(FuzzdExitCode(worstOf: counts).rawValue == 70)
        counts[.outOfMemory] = 1
        #expect(FuzzdExitCode(worstOf: counts).rawValue == 71)
        counts[.leak] = 1
        #expect(FuzzdExitCode(worstOf: counts).rawValue == 77)
    }

    @Test func everyExitCodeIsDocumented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/exit-codes.md"), encoding: .utf8)
        for code in FuzzdExitCode.allCases {
            #expect(text.contains("\n| \(code.rawValue) |"), "\(code)")
        }
    }
}
