import Foundation
import Testing

extension EndToEnd {
    /// Flags of a harness's command line that scripts rely on, one by one, as libFuzzer's binaries answer them.
    @Suite("libFuzzer flags", .serialized)
    struct LibFuzzerFlagTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func run(_ arguments: [String], isCalm: Bool = true) throws -> FuzzdResult {
            let tools = Workspace.buildDirectory
            return try workspace.start(
                (isCalm ? ["PUZZLE_IS_CALM=1"] : [])
                    + [tools + "/fuzzd", "libfuzzer", tools + "/puzzle-target", "./puzzle", "-seed=1"] + arguments,
                program: "/usr/bin/env"
            ).wait()
        }

        private func makeDirectories(_ names: String...) throws {
            for name in names {
                try FileManager.default.createDirectory(
                    atPath: workspace.directory + "/" + name, withIntermediateDirectories: true)
            }
        }

        // MARK: How it ends

        @Test func anItemEndsItWithItsLineAlone() throws {
            try workspace.seed(["c"])
            let name = "84a516841ba77a5b4648de2cd0dfcb30ea46dbb4"
            let item = try run(["-exit_on_item=" + name, "-runs=1000", "corpus"])
            #expect(item.exitCode == 0)
            #expect(item.lines.last == "INFO: found item with checksum '\(name)', exiting.", "\(item.output)")
            #expect(!item.output.contains("DONE") && !item.output.contains("Done "))
            try workspace.seed(["caxx"])
            let function = try run(["-exit_on_src_pos=magic", "-runs=1000", "corpus"])
            #expect(function.exitCode == 0)
            #expect(function.lines.last == "INFO: found line matching 'magic', exiting.", "\(function.output)")
        }

        @Test func forkModeSaysItsExitCode() throws {
            try workspace.seed(["T"])
            let found = try run(["-fork=1", "-runs=200", "corpus"])
            #expect(found.exitCode == 77)
            #expect(found.output.contains("INFO: exiting: 77 time: "), "\(found.output)")
            let ignored = try run(["-fork=1", "-ignore_crashes=1", "-runs=200", "corpus"])
            #expect(ignored.exitCode == 0)
            #expect(ignored.output.contains("INFO: exiting: 0 time: "), "\(ignored.output)")
            let other = try run(["-fork=1", "-error_exitcode=9", "-runs=200", "corpus"])
            #expect(other.exitCode == 9 && other.output.contains("INFO: exiting: 9 time: "))
        }

        @Test func exitCodesOfZeroAreTaken() throws {
            try workspace.seed(["T"])
            #expect(try run(["-error_exitcode=0", "corpus"]).exitCode == 0)
            let endless = try workspace.write("L", to: "endless")
            #expect(try run(["-timeout=1", "-timeout_exitcode=0", endless], isCalm: false).exitCode == 0)
            // It is no code for out-of-memory.
            let hungry = try workspace.write("M", to: "hungry")
            #expect(try run(["-rss_limit_mb=100", "-error_exitcode=9", hungry], isCalm: false).exitCode == 71)
        }

        @Test func nothingIsPrintedBehindTheReportOfATimeout() throws {
            try workspace.seed(["L"])
            let result = try run(["-timeout=1", "corpus"], isCalm: false)
            #expect(result.exitCode == 70)
            #expect(result.lines.last == "SUMMARY: libFuzzer: timeout", "\(result.output)")
        }

        @Test(arguments: ["segv V", "abrt A", "ill T"])
        func aSignalThatIsLeftToTheHarnessIsACrashAllTheSame(_ signalAndInput: String) throws {
            let parts = signalAndInput.split(separator: " ")
            try workspace.seed([String(parts[1])])
            let result = try run(["-handle_\(parts[0])=0", "-runs=100", "corpus"])
            #expect(result.exitCode == 77, "\(result.output)")
            #expect(try workspace.files("").keys.count { $0.hasPrefix("crash-") } == 1)
        }

        // MARK: Inputs

        @Test func seedInputsComeFromListsOfBothKinds() throws {
            try workspace.write("ca", to: "one")
            try workspace.write("x", to: "two")
            try workspace.write("one,two\n", to: "list")
            for value in ["one,two", "@list"] {
                let result = try run(["-seed_inputs=" + value, "-runs=2", "-print_corpus_stats=1", "corpus"])
                #expect(result.exitCode == 0)
                #expect(result.output.contains("sz:     2 ") && result.output.contains("sz:     1 "), "\(value): \(result.output)")
            }
            #expect(try workspace.files("corpus").isEmpty, "seeds are not written")
            try workspace.write("", to: "empty")
            for value in ["@empty", "@nowhere", ""] {
                let result = try run(["-seed_inputs=" + value, "-runs=2", "corpus"])
                #expect(result.exitCode == 1, "\(value)")
                #expect(result.lines.last == "seed_inputs is empty or @file does not exist.", "\(result.output)")
            }
        }

        @Test func onlyASCIIMakesPrintableInputs() throws {
            try workspace.seed(["c"])
            let result = try run(["-only_ascii=1", "-runs=2000", "-fork=1", "-ignore_crashes=1", "corpus"])
            #expect(result.exitCode == 0)
            let made = try workspace.files("corpus").filter { !$0.key.hasPrefix("seed-") }
            #expect(!made.isEmpty)
            for (name, data) in made {
                #expect(data.allSatisfy { (0x20...0x7E).contains($0) || (0x09...0x0D).contains($0) }, "\(name): \(Array(data))")
            }
        }

        @Test func aLongerSeedIsReplacedUnlessTheFlagKeepsIt() throws {
            for keeps in [false, true] {
                try makeDirectories("c-\(keeps)")
                try workspace.write("xxxxxxxxxxxxxxxx", to: "c-\(keeps)/long")
                let result = try run([
                    "-keep_seed=\(keeps ? 1 : 0)", "-runs=3000", "-only_ascii=1", "-print_corpus_stats=1", "-fork=1", "-ignore_crashes=1",
                    "c-\(keeps)",
                ])
                #expect(result.output.contains("sz:    16 ") == keeps, "\(keeps): \(result.output.suffix(800))")
            }
        }

        @Test func featuresOfEachInputAreFiles() throws {
            try makeDirectories("features")
            try workspace.seed(["c"])
            #expect(try run(["-features_dir=features", "-runs=1", "corpus"]).exitCode == 0)
            let files = try workspace.files("features")
            let data = try #require(files["84a516841ba77a5b4648de2cd0dfcb30ea46dbb4"], "\(files.keys)")
            #expect(data.count >= 4 && data.count % 4 == 0)
            let features = stride(from: 0, to: data.count, by: 4).map { offset in
                data[offset..<offset + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            #expect(features == features.sorted())
            #expect(try run(["-features_dir=nowhere", "-runs=1", "corpus"]).exitCode == 1)
            #expect(try run(["-features_dir=nowhere", "-create_missing_dirs=1", "-runs=1", "corpus"]).exitCode == 0)
        }

        // MARK: Output

        @Test func whatTheSeedsReachIsNotNewCode() throws {
            try workspace.seed(["caxx"])
            let known = try run(["-print_pcs=1", "-print_funcs=9", "-runs=1", "corpus"])
            #expect(known.exitCode == 0 && !known.output.contains("NEW_"), "\(known.output)")
            try FileManager.default.removeItem(atPath: workspace.corpus + "/seed-caxx")
            let fresh = try run(["-print_pcs=1", "-print_funcs=9", "-runs=2000", "-only_ascii=1", "corpus"])
            #expect(fresh.output.contains("NEW_PC: 0x"), "\(fresh.output.suffix(800))")
        }

        /// What a harness's functions were reached by, in libFuzzer's words.
        @Test func coverageIsReportedByFunction() throws {
            try workspace.seed(["caxx"])
            let result = try run(["-print_coverage=1", "-runs=1", "corpus"])
            #expect(result.lines.contains("COVERAGE:"), "\(result.output)")
            let magic = try #require(result.lines(containing: "COVERED_FUNC: hits: 1 edges: ").first { $0.contains("magic") })
            #expect(magic.hasPrefix("COVERED_FUNC: "))
            #expect(result.output.contains("\nUNCOVERED_FUNC: hits: 0 edges: 0/"))
            #expect(result.output.contains("\n  UNCOVERED_PC: "))
            let full = try run(["-print_full_coverage=1", "-runs=1", "corpus"])
            let head = try #require(full.lines.firstIndex(of: "FULL COVERAGE:"), "\(full.output)")
            let functions = full.lines[(head + 1)...]
            #expect(functions.count > 2 && functions.count.isMultiple(of: 2))
            #expect(zip(functions, functions.indices).allSatisfy { line, index in
                (line + " ").hasPrefix((index - head).isMultiple(of: 2) ? "C " : "U ")
            })
        }

        @Test func verbosityAddsAndLeavesOutLines() throws {
            try workspace.seed(["c"])
            let silent = try run(["-verbosity=0", "-runs=1", "corpus"])
            #expect(silent.exitCode == 0, "\(silent.output)")
            #expect(silent.lines.map { String($0.prefix(24)) } == [
                "INFO: Running with entro", "INFO:        1 files fou", "INFO: -max_len is not pr", "INFO: seed corpus: files",
            ])
            let chatty = try run(["-verbosity=2", "-runs=500", "-only_ascii=1", "corpus"])
            let written = chatty.lines(containing: "Written ")
            #expect(!written.isEmpty && written.count == chatty.lines.count { $0.contains("\tNEW ") || $0.contains("\tREDUCE ") })
            #expect(written.allSatisfy { $0.contains(" bytes to corpus/") }, "\(chatty.output)")
        }

        @Test func outputIsKeptOrDroppedAsTheMaskSays() throws {
            // Prints at length, and returns.
            let flood = try workspace.write("p", to: "flood")
            #expect(try run([flood], isCalm: false).output.utf8.count > 10_000)
            #expect(try run(["-close_fd_mask=3", flood], isCalm: false).output.utf8.count < 5_000)
        }

        @Test func anArtifactGoesToItsExactPath() throws {
            try workspace.seed(["T"])
            try makeDirectories("found")
            let result = try run(["-exact_artifact_path=found/exact", "-artifact_prefix=found/", "corpus"])
            #expect(result.exitCode == 77)
            #expect(result.output.contains("artifact_prefix='found/'; Test unit written to found/exact"), "\(result.output)")
            #expect(try workspace.files("found") == ["exact": Data("T".utf8)])
            #expect(try run(["-exact_artifact_path=nowhere/exact", "corpus"]).exitCode == 1)
        }

        @Test func eachJobHasItsOwnExitCode() throws {
            try workspace.seed(["T"])
            let result = try run(["-jobs=2", "-workers=1", "-runs=100", "corpus"])
            #expect(result.exitCode == 1)
            #expect(result.lines(containing: "exited with exit code 77").count == 2, "\(result.output)")
        }
    }
}
