import Foundation
import Testing

extension EndToEnd {
    /// `fuzzd minimize`, as somebody with a crash in hand runs it.
    @Suite("Minimize", .serialized)
    struct MinimizeTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func minimize(_ path: String, _ more: [String] = [], config: String? = nil) throws -> FuzzdResult {
            try workspace.run(["minimize", "--config", config ?? workspace.config(), path] + more)
        }

        private func bytes(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

        @Test func aCrashComesDownToWhatItTakes() throws {
            let path = try workspace.write("cash and many more bytes", to: "big")
            let result = try minimize(path)
            #expect(result.exitCode == 0, "\(result.output)")
            let written = try #require(result.lines(containing: "written to ").first)
            let place = String(written.split(separator: " ").last ?? "")
            #expect(place.hasPrefix(workspace.directory + "/minimized-from-") && place.count == workspace.directory.count + 56, "\(written)")
            #expect(bytes(place) == Data("cash".utf8))
            #expect(bytes(path) == Data("cash and many more bytes".utf8))
            #expect(result.output.contains("Minimized: 24 bytes -> 4 bytes; "), "\(result.output)")
            #expect(result.output.contains("fails in 5 of 5 runs: "))

            // What is minimal stays, and no second file says the same.
            let again = try minimize(place)
            #expect(again.exitCode == 0)
            #expect(again.output.contains("nothing was written"), "\(again.output)")
            #expect(try workspace.files("").keys.filter { $0.hasPrefix("minimized") }.count == 1)
        }

        @Test func workersChangeNothingButTheTime() throws {
            let path = try workspace.write("cashcashcash, and a tail of whatever it was", to: "big")
            for workers in ["1", "2", "4"] {
                let output = workspace.directory + "/out-" + workers
                let result = try minimize(path, ["--workers", workers, "--seed", "5", "--runs", "30", "-o", output])
                #expect(result.exitCode == 0, "\(result.output)")
                #expect(bytes(output) == bytes(workspace.directory + "/out-1"), "\(workers) workers")
                #expect(result.output.contains("Limit of 30 tries reached"), "\(result.output)")
            }
        }

        @Test func ctrlCKeepsTheBestSoFar() throws {
            let path = try workspace.write("L" + String(repeating: "x", count: 4000), to: "endless")
            let config = try workspace.config(isCalm: false)
            let text = try String(contentsOfFile: config, encoding: .utf8)
                .replacing("limits:\n", with: "limits:\n  input_timeout_microseconds: 200000\n")
            try workspace.write(text, to: "campaign.yaml")
            let process = try workspace.start(["minimize", "--config", config, "--workers", "1", path, "-o", "best"])
            try process.waitForOutput("#2\t")
            process.kill(SIGINT)
            let result = try process.wait()
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(result.output.contains("Interrupted: the best so far is kept"), "\(result.output)")
            let best = try #require(bytes(workspace.directory + "/best"))
            #expect(best.first == UInt8(ascii: "L") && best.count < 4001)
            #expect(bytes(path)?.count == 4001)
            let again = try workspace.run(["reproduce", "--config", config, "best"])
            #expect(again.exitCode == 70, "\(again.output)")
        }

        @Test func operationsGoFirst() throws {
            // Reads behind virtio-blk's device configuration, among accesses that do nothing.
            let access: [UInt8] = [2, 2, 4, 0, 0, 60, 0, 0, 0, 9, 9]
            let calm: [UInt8] = [8, 1, 2]
            var operations = Array(repeating: calm, count: 20)
            operations.insert(access, at: 13)
            let path = workspace.directory + "/deep"
            try Data(operations.joined(separator: Array("FUZZ".utf8))).write(to: URL(fileURLWithPath: path))
            let config = Workspace.root + "/configs/generic-virtio-blk-bugs.yaml"
            let result = try minimize(path, ["-o", workspace.directory + "/shallow", "--workers", "2"], config: config)
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(result.output.contains("21 operations, 151 bytes -> 1 operation, "), "\(result.output)")
            #expect(try workspace.run(["reproduce", "--config", config, workspace.directory + "/shallow"]).exitCode == 77)
        }

        @Test func whatCannotBeMinimizedIsToldInALine() throws {
            let config = try workspace.config()
            let harmless = try workspace.write("x", to: "harmless")
            let cut = try workspace.write("T", to: "crash-0000000000000000000000000000000000000000")
            let other = try workspace.write("T", to: "other")
            try workspace.write(record(harness: "elsewhere"), to: "other.json")
            let missing = workspace.directory + "/missing"
            let cases: [(path: String, more: [String], code: Int32, words: String)] = [
                (harmless, [], 10, "does not fail in 10 runs"), (harmless, ["--repeat", "0"], 2, "--repeat"),
                (cut, [], 3, "cut off or changed"), (other, [], 2, "elsewhere"), (missing, [], 3, "no such file"),
                (workspace.directory, [], 3, "is a directory"), (harmless, ["--format", "text"], 2, "format"),
                (harmless, ["-o", harmless], 2, "never overwritten"), (harmless, ["-o", workspace.directory], 2, "is a directory"),
                (harmless, ["--workers", "0"], 2, "--workers"),
            ]
            for (path, more, code, words) in cases {
                let result = try minimize(path, more, config: config)
                #expect(result.exitCode == code, "\(path) \(more): \(result.output)")
                #expect(result.output.contains(words), "\(path) \(more): \(result.output)")
                if code != 2 || more.isEmpty { #expect(result.failures.count == 1, "\(result.output)") }
            }
            #expect(bytes(harmless) == Data("x".utf8))
            #expect(try workspace.files("").keys.allSatisfy { !$0.hasPrefix("minimized") })
        }

        @Test func theRecordBesideAnArtifactNamesItsConfig() throws {
            try workspace.seed(["Txx"])
            try workspace.runCampaign(workspace.config(), ["--runs", "0"])
            let name = try #require(try workspace.files("artifacts").keys.first { !$0.contains(".") })
            let result = try workspace.run(["minimize", workspace.artifacts + "/" + name, "-o", "small"])
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(bytes(workspace.directory + "/small") == Data("T".utf8))
            let bare = try workspace.run(["minimize", workspace.write("Txx", to: "bare")])
            #expect(bare.exitCode == 2 && bare.output.contains("give --config FILE"), "\(bare.output)")
            #expect(try workspace.run(["minimize", "nowhere"]).exitCode == 3)
        }

        @Test func whatIsFlakyIsRunSeveralTimes() throws {
            // Fails in every third run, whatever stands behind the letter.
            let config = try workspace.config(environment: ["PUZZLE_COUNTER": workspace.directory + "/counter"])
            let flaky = try workspace.write("y and a tail of bytes", to: "flaky")
            // One worker: runs are counted in a file.
            let result = try minimize(flaky, ["-o", "small", "--workers", "1"], config: config)
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(result.output.contains("flaky: fails in 3 of 10 runs: SIGABRT"), "\(result.output)")
            #expect(result.output.contains("run up to 17 times, and taken if it fails in the same way 3 times"), "\(result.output)")
            #expect(result.lines(containing: "the result fails in ").count == 1, "\(result.output)")
            #expect(bytes(workspace.directory + "/small") == Data("y".utf8))
            let told = try minimize(flaky, ["-o", "told", "--repeat", "4", "--runs", "1", "--workers", "1"], config: config)
            #expect(told.output.contains("run up to 4 times, and taken if it fails in the same way 1 time"), "\(told.output)")
            // A stable one is run as often as it is said.
            let stable = try workspace.write("Tx", to: "stable")
            let each = try minimize(stable, ["-o", "one", "--repeat", "2"], config: config)
            #expect(each.exitCode == 0 && each.output.contains("run up to 2 times"), "\(each.output)")
            #expect(bytes(workspace.directory + "/one") == Data("T".utf8))
        }

        @Test func whatNeedsEarlierInputsIsMadeSmallerWithThem() throws {
            try workspace.seed(["s", "xabc", "yabc", "zabc"])
            let config = try workspace.config()
            try workspace.runCampaign(config, ["--runs", "300", "--reset", "none"])
            let lists = try workspace.files("artifacts").keys.filter { $0.hasSuffix(".before.json") }
            var found: FuzzdResult?
            for name in lists.sorted() where found == nil {
                let result = try minimize(workspace.artifacts + "/" + name.dropLast(".before.json".count), ["-o", "small"])
                // The others fail alone here, or not at all.
                if result.output.contains("fails behind 1 earlier input") { found = result }
            }
            let result = try #require(found, "\(lists)")
            #expect(result.exitCode == 0)
            #expect(bytes(workspace.directory + "/small") == Data("s".utf8))
            #expect(bytes(workspace.directory + "/small.before-1").map { $0.count <= 1 } == true, "any input before it is enough")
            // The command that is printed shows it.
            let command = try #require(result.lines(containing: "fuzzd reproduce").last)
            #expect(command.hasSuffix("--reset none small.before-1 small"), "\(command)")
            let arguments = command.split(separator: " ").dropFirst().map(String.init)
            #expect(try workspace.run(arguments).exitCode == 77)
        }

        private func record(harness: String) -> String {
            """
            {"config": "other.yaml", "count": 1, "executions": 1, "first_seen": "2026-01-01T00:00:00Z", "harness": "\(harness)",
            "kind": "crash", "output": "", "reproduce": "", "seed": 1, "signature": "s", "size": 1, "stack": [], "verified": true}
            """
        }
    }

    /// `fuzzd merge` and `fuzzd corpus`.
    @Suite("Merge and corpus", .serialized)
    struct MergeTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func merge(_ more: [String] = []) throws -> FuzzdResult {
            try workspace.run(["merge", "--config", workspace.config(), "--corpus", "small", "corpus"] + more)
        }

        private func features(_ directory: String) throws -> String {
            let result = try workspace.run(["corpus", "--config", workspace.config(), directory])
            #expect(result.exitCode == 0, "\(result.output)")
            return try #require(result.lines(containing: "features ").first)
        }

        @Test func theSmallestSetHasAllFeatures() throws {
            try workspace.seed(["c", "cx", "caxx", "casx", "R", "x", "q"])
            let result = try merge()
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(try features("small") == features("corpus"))
            let files = try workspace.files("small")
            #expect(files.count < 5 && files.values.contains(Data("casx".utf8)), "\(files.keys)")
            // Again: there is nothing to add.
            #expect(try merge().output.contains("0 of 7 files added"))
            let report = try workspace.run(["corpus", "--config", workspace.config(), "corpus"])
            #expect(report.output.contains("redundant "), "\(report.output)")
            #expect(report.output.contains("rejected      1 by the harness"), "\(report.output)")
        }

        @Test func filesThatFailAreNamedAndLeftOut() throws {
            try workspace.seed(["c", "T"])
            let result = try merge()
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(result.lines(containing: "seed-T: ").count == 1, "\(result.output)")
            #expect(try workspace.files("small").values.allSatisfy { $0 != Data("T".utf8) })
        }

        @Test func aMergeThatWasKilledGoesOn() throws {
            for number in 0..<3000 { try workspace.write("ca\(number)", to: "corpus/\(number)") }
            let killed = try workspace.start(["merge", "--config", workspace.config(), "--corpus", "small", "corpus"])
            try killed.waitForOutput("#256/3000")
            killed.kill(SIGKILL)
            _ = try killed.wait()
            #expect(try workspace.files("small").isEmpty)
            let result = try merge()
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(result.output.contains("were processed by an earlier merge"), "\(result.output)")
            #expect(try features("small") == features("corpus"))
            #expect(!FileManager.default.fileExists(atPath: workspace.directory + "/small/.fuzzd/merge-control.txt"))
        }

        @Test func aCorpusIsDescribedWithoutATarget() throws {
            try workspace.seed(["a", "bbb", "cc"])
            try workspace.write("a", to: "corpus/twin")
            let result = try workspace.run(["corpus", "corpus"])
            #expect(result.exitCode == 0)
            for part in ["files         3, and 1 with the bytes of another", "bytes         6", "sizes         1 to 3, median 2"] {
                #expect(result.output.contains(part), "\(result.output)")
            }
            let seeds = Workspace.root + "/configs/seeds/generic"
            let generic = try workspace.run(
                ["corpus", "--config", Workspace.root + "/configs/generic-virtio-blk.yaml", seeds])
            #expect(generic.exitCode == 0)
            #expect(generic.output.contains("ADD_DMA_PATTERN "), "\(generic.output)")
        }

        @Test func aCorpusIsDescribedInJSON() throws {
            try workspace.seed(["c", "cx", "caxx", "T", "R"])
            func object(_ arguments: [String]) throws -> [String: Any] {
                let result = try workspace.run(["corpus", "--json"] + arguments)
                #expect(result.exitCode == 0)
                return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            }
            let alone = try object(["corpus"])
            #expect(alone["files"] as? Int == 5 && alone["bytes"] as? Int == 9 && alone["format"] as? Int == 1)
            #expect(alone["smallest"] as? Int == 1 && alone["largest"] as? Int == 4 && alone["median"] as? Int == 1)
            #expect(alone["named_freely"] as? Int == 5 && alone["coverage"] == nil)
            let coverage = try #require(try object(["--config", workspace.config(), "corpus"])["coverage"] as? [String: Any])
            let failing = try #require(coverage["failing"] as? [[String: String]])
            #expect(failing.count == 1 && failing[0]["path"] == "corpus/seed-T" && failing[0]["summary"]?.isEmpty == false)
            #expect((coverage["edges"] as? Int ?? 0) > 0 && (coverage["needed_files"] as? Int ?? 9) < 5)
            #expect(coverage["rejected"] as? Int == 1 && coverage["redundant"] is [String])
            let generic = try object(
                ["--config", Workspace.root + "/configs/generic-virtio-blk.yaml", Workspace.root + "/configs/seeds/generic"])
            let operations = try #require(generic["operations"] as? [String: Any])
            let kinds = try #require(operations["kinds"] as? [String: Int])
            #expect(kinds["ADD_DMA_PATTERN"] != nil && kinds.values.reduce(0, +) == operations["total"] as? Int)
            try FileManager.default.createDirectory(atPath: workspace.directory + "/none", withIntermediateDirectories: false)
            #expect(try object(["none"])["files"] as? Int == 0)
        }

        @Test func whatIsNoDirectoryIsToldInALine() throws {
            try workspace.write("x", to: "file")
            let config = try workspace.config()
            for arguments in [
                ["corpus", "nowhere"], ["corpus", "file"], ["merge", "--config", config, "--corpus", "small", "nowhere"],
                ["merge", "--config", config, "--corpus", "file", "corpus"], ["merge", "--config", config, "--corpus", "small", "corpus"],
            ] {
                let result = try workspace.run(arguments)
                #expect(result.exitCode == 3, "\(arguments): \(result.output)")
                #expect(result.failures.count == 1, "\(arguments): \(result.output)")
            }
        }
    }
}
