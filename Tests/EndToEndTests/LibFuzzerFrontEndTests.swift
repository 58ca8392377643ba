import Foundation
import Testing

extension EndToEnd {
    /// A harness's own command line, as scripts, OSS-Fuzz and ClusterFuzz use it. The puzzle target stands for the harness.
    @Suite("libFuzzer front end", .serialized)
    struct LibFuzzerFrontEndTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func start(_ arguments: [String], isCalm: Bool = true) throws -> FuzzdProcess {
            let tools = Workspace.buildDirectory
            return try workspace.start(
                (isCalm ? ["PUZZLE_IS_CALM=1"] : [])
                    + [tools + "/fuzzd", "libfuzzer", tools + "/puzzle-target", "./puzzle"] + arguments,
                program: "/usr/bin/env")
        }

        private func run(_ arguments: [String], isCalm: Bool = true) throws -> FuzzdResult {
            try start(arguments, isCalm: isCalm).wait()
        }

        /// Everything in a directory, hidden files too.
        private func names(_ directory: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: workspace.directory + "/" + directory).sorted()
        }

        private func artifacts() throws -> [String] {
            try names("").filter { name in
                ["crash-", "timeout-", "oom-", "leak-", "slow-", "minimized-"].contains { name.hasPrefix($0) }
            }
        }

        @Test func theCorpusDirectoryGetsInputsAndNothingElse() throws {
            try workspace.seed(["x", "c"])
            let result = try run(["-runs=2000", "-seed=7", "-fork=1", "-ignore_crashes=1", "corpus"])
            #expect(result.exitCode == 0, "\(result.output)")
            let names = try names("corpus")
            #expect(names.count > 2)
            for name in names where !name.hasPrefix("seed-") {
                #expect(name.count == 40 && name.allSatisfy(\.isHexDigit), "\(name) is no input")
            }
        }

        @Test func itsLinesAreThoseOfLibFuzzer() throws {
            try workspace.seed(["x"])
            // Inputs of one byte cannot solve the puzzle, and calm ones that crash are not among ASCII blanks.
            let result = try run(["-runs=0", "-seed=7", "-max_len=8", "-nothing=1", "--harness-flag", "corpus"])
            #expect(result.exitCode == 0, "\(result.output)")
            for line in [
                "WARNING: unrecognized flag '-nothing=1'; use -help=1 to list all flags",
                "INFO: libFuzzer ignores flags that start with '--'",
                "INFO: Running with entropic power schedule (0xFF, 100).", "INFO: Seed: 7",
                "INFO:        1 files found in corpus", "Done 1 runs in 0 second(s)",
            ] { #expect(result.lines.contains(line), "\(line) is not in\n\(result.output)") }
            for part in [
                "INFO: Loaded 1 modules ", "INFO: Loaded 1 PC tables ",
                "seed corpus: files: 1 min: 1b max: 1b total: 1b", "\tINITED cov: ",
            ] {
                #expect(result.output.contains(part), "\(part) is not in\n\(result.output)")
            }
        }

        @Test func fuzzingEndsAtTheFirstCrash() throws {
            try workspace.seed(["T"])
            let result = try run(["-runs=100000", "corpus"])
            #expect(result.exitCode == 77, "\(result.output)")
            #expect(try artifacts() == ["crash-c2c53d66948214258a26ca9ca845d7ac0c17f8e7"])
            for part in [
                "ERROR: libFuzzer: deadly signal", "SUMMARY: libFuzzer: deadly signal", "Base64: VA==", "MS: 0 ; base unit: 0000",
                "artifact_prefix='./'; Test unit written to ./crash-c2c53d66948214258a26ca9ca845d7ac0c17f8e7",
            ] { #expect(result.output.contains(part), "\(part) is not in\n\(result.output)") }
        }

        @Test func theExitCodesAreTheFlags() throws {
            try workspace.seed(["T"])
            #expect(try run(["-error_exitcode=5", "-artifact_prefix=found-", "corpus"]).exitCode == 5)
            #expect(try names("").contains { $0.hasPrefix("found-crash-") })
            try workspace.write("L", to: "endless")
            #expect(try run(["-timeout=1", "endless"], isCalm: false).exitCode == 70)
            #expect(try run(["-timeout=1", "-timeout_exitcode=6", "endless"], isCalm: false).exitCode == 6)
            try workspace.write("M", to: "hungry")
            let hungry = try run(["-rss_limit_mb=100", "hungry"], isCalm: false)
            #expect(hungry.exitCode == 71 && hungry.output.contains("ERROR: libFuzzer: out-of-memory (used: "))
            try workspace.write("X", to: "leaves")
            let leaves = try run(["leaves"])
            #expect(leaves.exitCode == 77 && leaves.output.contains("SUMMARY: libFuzzer: fuzz target exited"))
            #expect(try artifacts().isEmpty, "given files are not written again")
        }

        @Test func givenFilesAreRun() throws {
            let result = try run(["-runs=3", workspace.write("x", to: "one"), workspace.write("c", to: "two")])
            #expect(result.exitCode == 0)
            #expect(result.output.contains("./puzzle: Running 2 inputs 3 time(s) each."), "\(result.output)")
            #expect(result.lines(containing: "Running: ").count == 2)
            #expect(result.lines(containing: "Executed ").count == 2)
            #expect(result.output.contains("*** NOTE: fuzzing was not performed"))
        }

        @Test func aMissingDirectoryIsAnErrorUnlessItIsToBeMade() throws {
            let refused = try run(["-runs=1", "nowhere"])
            #expect(refused.exitCode == 1)
            #expect(refused.output.contains("ERROR: The required directory \"nowhere\" does not exist"))
            #expect(try run(["-runs=0", "-create_missing_dirs=1", "nowhere"]).exitCode == 0)
            #expect(try names("nowhere") == [])
        }

        @Test func aCrashIsMinimizedAndCleansed() throws {
            try workspace.write("cash and many more bytes", to: "big")
            let result = try run(["-minimize_crash=1", "-runs=3000", "-exact_artifact_path=small", "-seed=1", "big"])
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(result.output.contains("CRASH_MIN: failed to minimize beyond small"), "\(result.output.suffix(500))")
            #expect((try workspace.files("")["small"])?.count ?? 99 < 8)
            #expect(try run(["-minimize_crash=1", "-runs=10", workspace.write("x", to: "calm")]).exitCode == 1)
            try workspace.write("cash123", to: "dirty")
            #expect(try run(["-cleanse_crash=1", "-exact_artifact_path=clean", "dirty"]).exitCode == 0)
            #expect(try workspace.files("")["clean"] == Data("cash   ".utf8))
        }

        @Test func aMergeTakesWhatIsNew() throws {
            for name in ["first", "second"] {
                try FileManager.default.createDirectory(
                    atPath: workspace.directory + "/" + name, withIntermediateDirectories: true)
            }
            try workspace.write("c", to: "first/c")
            for input in ["c", "cx", "caxx", "casx", "R", "T"] { try workspace.write(input, to: "second/" + input) }
            let arguments = ["-merge=1", "-merge_control_file=control", "first", "second"]
            let result = try run(arguments)
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(result.output.contains("MERGE-OUTER: successful in 1 attempt(s)"))
            let control = try #require(FileManager.default.contents(atPath: workspace.directory + "/control"))
            #expect(result.output.contains("MERGE-OUTER: the control file has \(control.count) bytes\n"), "\(result.output)")
            #expect(result.output.contains("MERGE-OUTER: consumed 0Mb ("))
            #expect(result.output.contains("2 new files with "), "\(result.output)")
            #expect(try names("first").count == 3)
            // Once more: all is known, nothing runs, nothing changes.
            let again = try run(arguments)
            #expect(again.output.contains("will process 0 files now"), "\(again.output)")
            #expect(try names("first").count == 3)
        }

        @Test func aMergeThatWasKilledGoesOn() throws {
            try workspace.seed(["c", "cx", "caxx", "casx"])
            try FileManager.default.createDirectory(
                atPath: workspace.directory + "/first", withIntermediateDirectories: true)
            let arguments = ["-set_cover_merge=1", "-merge_control_file=control", "first", "corpus"]
            #expect(try run(arguments).exitCode == 0)
            let whole = try names("first")
            let control = try #require(FileManager.default.contents(atPath: workspace.directory + "/control"))
            // Cut off anywhere, it ends with the same inputs.
            for length in stride(from: 1, to: control.count, by: max(1, control.count / 6)) {
                try FileManager.default.removeItem(atPath: workspace.directory + "/first")
                try FileManager.default.createDirectory(
                    atPath: workspace.directory + "/first", withIntermediateDirectories: true)
                try control.prefix(length).write(to: URL(fileURLWithPath: workspace.directory + "/control"))
                let result = try run(arguments)
                #expect(result.exitCode == 0, "\(result.output)")
                #expect(try names("first") == whole, "cut off after \(length) bytes")
                #expect(FileManager.default.contents(atPath: workspace.directory + "/control") == control)
            }
        }

        @Test func jobsHaveTheirLogs() throws {
            let result = try run(["-jobs=2", "-workers=2", "-runs=10", "-max_len=1", "-only_ascii=1", "-dict=", "corpus"])
            #expect(try names("").filter { $0.hasPrefix("fuzz-") } == ["fuzz-0.log", "fuzz-1.log"], "\(result.output)")
            #expect(result.lines(containing: "exited with exit code").count == 2)
        }

        @Test func signalsEndIt() throws {
            let arguments = ["-fork=1", "-ignore_crashes=1", "corpus"]
            let interrupted = try start(arguments)
            try interrupted.waitForOutput("cov: ")
            // The process that was started is env, which fuzzd has replaced.
            interrupted.kill(SIGINT)
            let result = try interrupted.wait()
            #expect(result.exitCode == 72, "\(result.output.suffix(300))")
            #expect(result.output.contains("libFuzzer: run interrupted; exiting"))
            let graceful = try start(arguments)
            try graceful.waitForOutput("cov: ")
            graceful.kill(SIGUSR1)
            #expect(try graceful.wait().exitCode == 0)
        }

        @Test func theStopFileAndTheItemEndIt() throws {
            try workspace.write("", to: "stop")
            #expect(try run(["-stop_file=stop", "-fork=1", "-ignore_crashes=1", "corpus"]).exitCode == 0)
            try workspace.seed(["c"])
            let item = try run(["-exit_on_item=84a516841ba77a5b4648de2cd0dfcb30ea46dbb4", "-fork=1", "-ignore_crashes=1", "corpus"])
            #expect(item.exitCode == 0, "\(item.output)")
        }

        @Test func statisticsAreAsScriptsReadThem() throws {
            let result = try run(["-print_final_stats=1", "-print_corpus_stats=1", "-runs=0", "corpus"])
            for key in [
                "stat::number_of_executed_units: 2", "stat::average_exec_per_sec:     ", "stat::new_units_added:          0",
                "stat::slowest_unit_time_sec:    0", "stat::peak_rss_mb:              ",
            ] { #expect(result.output.contains(key), "\(key) is not in\n\(result.output)") }
            #expect(result.output.contains("sz:     0 runs:     0 succ:     0 focus: 0"), "\(result.output)")
        }
    }
}
