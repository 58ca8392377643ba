import Foundation
import Testing

extension EndToEnd {
    /// From artifacts to verified groups: `fuzzd crashes`.
    @Suite("Triage", .serialized)
    struct TriageTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func groups(_ arguments: [String], expecting code: Int32 = 0) throws -> [[String: Any]] {
            let result = try workspace.run(["crashes"] + arguments + ["--json"])
            #expect(result.exitCode == code, "\(result.output)")
            let start = try #require(result.output.firstIndex(of: "{"), "\(result.output)")
            let end = try #require(result.output.lastIndex(of: "}"))
            let object = try JSONSerialization.jsonObject(with: Data(result.output[start...end].utf8)) as? [String: Any]
            return try #require(object?["groups"] as? [[String: Any]])
        }

        private func artifactNames() throws -> [String] {
            try workspace.files("artifacts").keys.filter { !$0.contains(".") }.sorted()
        }

        @Test func differentCrashesAreDifferentGroupsAndStable() throws {
            try workspace.seed(["T", "A", "V", "X"])
            let config = try workspace.config()
            #expect(try workspace.runCampaign(config, ["--runs", "0"]).exitCode == 77)
            let groups = try groups(["--config", config])
            #expect(groups.count == 4)
            for group in groups {
                #expect(group["label"] as? String == "stable")
                let artifact = try #require((group["artifacts"] as? [[String: Any]])?.first)
                #expect(artifact["runs"] as? Int == 10 && artifact["same"] as? Int == 10)
                #expect(artifact["verified"] as? Bool == true)
            }
            // What is known is not run again, and the list is the same.
            let before = try workspace.files("artifacts")
            let list = try workspace.run(["crashes", "--config", config])
            #expect(list.exitCode == 0 && list.lines(containing: "stable").count == 4, "\(list.output)")
            #expect(try workspace.files("artifacts") == before)

            let id = try #require(groups[0]["id"] as? String)
            let shown = try workspace.run(["crashes", "show", "--config", config, String(id.prefix(6))])
            #expect(shown.exitCode == 0)
            for text in ["stable: the same crash in 10 of 10", "fuzzd reproduce", "fuzzd minimize", config] {
                #expect(shown.output.contains(text), "\(text): \(shown.output)")
            }
            #expect(try workspace.run(["crashes", "show", "--config", config, "zzz"]).exitCode == 2)
        }

        @Test func countsSurviveRestartsAndKill() throws {
            try workspace.seed(["T"])
            let config = try workspace.config()
            func count() throws -> Int {
                try #require(try groups(["--config", config]).first { "\($0["frames"] ?? "")".contains("trap") }?["count"] as? Int)
            }
            try workspace.runCampaign(config, ["--runs", "200"])
            let first = try count()
            #expect(first > 1, "the artifact, its second run, and mutants of it")
            try workspace.runCampaign(config, ["--runs", "200", "--seed", "8"])
            let second = try count()
            #expect(second > first)
            let process = try workspace.start(["start", "--config", config, "--corpus", workspace.corpus, "--plain"])
            try process.waitForOutput("pulse")
            process.kill(SIGKILL)
            _ = try process.wait()
            #expect(try count() >= second, "nothing that was counted is lost")
        }

        @Test func aGroupKeepsItsSmallestInput() throws {
            let config = try workspace.config()
            try workspace.write("Txxxxxxxxxxxxxxx", to: "corpus/seed")
            try workspace.runCampaign(config, ["--runs", "3000"])
            let group = try #require(try groups(["--config", config]).first { "\($0["frames"] ?? "")".contains("trap") })
            let artifacts = try #require(group["artifacts"] as? [[String: Any]])
            let sizes = artifacts.compactMap { $0["size"] as? Int }
            #expect(sizes.first == sizes.min())
            #expect(sizes[0] < 16, "\(sizes): mutants are shorter")
            #expect(artifacts[0]["verified"] as? Bool == true)
            let path = try #require(artifacts[0]["path"] as? String)
            #expect(FileManager.default.contents(atPath: path)?.count == sizes[0])
        }

        @Test func stateOfEarlierInputsIsFoundAndMinimised() throws {
            try workspace.seed(["s", "x", "y", "z"])
            let config = try workspace.config()
            try workspace.runCampaign(config, ["--runs", "300", "--reset", "none"])
            let names = try artifactNames()
            let recent = try workspace.files("artifacts").keys.filter { $0.hasSuffix(".before.json") }
            #expect(!recent.isEmpty, "\(names)")
            let groups = try groups(["--config", config])
            let flaky = groups.flatMap { $0["artifacts"] as? [[String: Any]] ?? [] }.filter { $0["cause"] != nil }
            let artifact = try #require(
                flaky.first { ($0["cause"] as? [String: Any])?["kind"] as? String == "state" }, "\(groups)")
            #expect(artifact["label"] as? String == "flaky 0/10")
            let cause = try #require(artifact["cause"] as? [String: Any])
            #expect((cause["inputs"] as? [String])?.count == 1, "any one input before it is enough")
            // The command that is printed shows it.
            let path = try #require(artifact["path"] as? String)
            let again = try workspace.run([
                "reproduce", "--config", config, "--reset", "none", path + ".before-1", path,
            ])
            #expect(again.exitCode == 77, "\(again.output)")
            #expect(try workspace.run(["reproduce", "--config", config, path]).exitCode == 0, "alone it does nothing")
        }

        @Test func aHangIsPlaced() throws {
            try workspace.seed(["L"])
            let config = try workspace.config(isCalm: false, lines: [])
            try workspace.runCampaign(config, ["--runs", "0"])
            let group = try #require(try groups(["--config", config]).first { $0["kind"] as? String == "timeout" })
            #expect(group["label"] as? String == "stable")
            #expect("\(group["frames"] ?? "")".contains("solve"), "\(group)")
        }

        @Test func reproduceSaysTheSameLabel() throws {
            let config = try workspace.config()
            let trap = try workspace.write("T", to: "trap")
            let result = try workspace.run(["reproduce", "--config", config, "--runs", "10", trap])
            #expect(result.exitCode == 77)
            #expect(result.output.contains("stable: the same failure in 10 of 10 runs"), "\(result.output)")
            let harmless = try workspace.write("x", to: "harmless")
            let nothing = try workspace.run(["reproduce", "--config", config, "--runs", "3", harmless])
            #expect(nothing.exitCode == 0 && nothing.output.contains("no failure in 3 runs"), "\(nothing.output)")
            #expect(try workspace.run(["reproduce", "--config", config, "--runs", "0", trap]).exitCode == 2)
        }
    }

    /// What is wrong with artifacts is told in a line each, and nothing is overwritten.
    @Suite("Triage: bad input", .serialized)
    struct TriageBadInputTests {
        let workspace: Workspace
        let config: String
        let name: String

        init() throws {
            workspace = try Workspace()
            config = try workspace.config()
            try workspace.seed(["T"])
            try workspace.runCampaign(config, ["--runs", "0"])
            name = try #require(try workspace.files("artifacts").keys.first { !$0.contains(".") })
        }

        private func crashes(_ arguments: [String], environment: [String: String] = [:]) throws -> FuzzdResult {
            guard !environment.isEmpty else { return try workspace.run(["crashes"] + arguments) }
            let words = environment.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
            let command = "\(words) '\(Workspace.buildDirectory)/fuzzd' crashes " + arguments.joined(separator: " ")
            return try workspace.start(["-c", command], program: "/bin/sh").wait()
        }

        @Test func anArtifactOfAnotherTarget() throws {
            let before = try workspace.files("artifacts")
            let other = Workspace.root + "/configs/generic-pc.yaml"
            let result = try crashes(["--config", other, "--artifacts", workspace.artifacts])
            #expect(result.exitCode == 3)
            #expect(result.failures.count == 1 && result.output.contains("found by \(config) on 'puzzle-target'"), "\(result.output)")
            #expect(try workspace.files("artifacts") == before)
            let again = try workspace.run(["reproduce", "--config", other, workspace.artifacts + "/" + name])
            #expect(again.output.contains("found by \(config)"), "run as asked, and told: \(again.output)")
        }

        @Test func aTruncatedRecord() throws {
            let path = workspace.artifacts + "/" + name + ".json"
            let half = try #require(FileManager.default.contents(atPath: path)).prefix(100)
            try half.write(to: URL(fileURLWithPath: path))
            let result = try crashes(["--config", config])
            #expect(result.exitCode == 3)
            #expect(result.failures == ["fuzzd: \(path): truncated or no record of fuzzd; left as it is, the artifact is told by its runs alone"])
            #expect(result.lines(containing: "stable").count == 1, "\(result.output)")
            #expect(FileManager.default.contents(atPath: path) == half)
            #expect(try crashes(["--artifacts", workspace.artifacts]).exitCode == 3, "without a config there is nothing to run")
        }

        @Test func oneThatNoLongerCrashesAndOneThatWasCut() throws {
            // SHA-1 of "x".
            try workspace.write("x", to: "artifacts/crash-11f6ad8ec52a2984abaafd7c3b516503785c2072")
            let gone = try crashes(["--config", config])
            #expect(gone.exitCode == 0)
            #expect(gone.lines(containing: "gone 0/10").count == 1, "\(gone.output)")
            #expect(gone.output.contains("it happened in none of 10 runs"), "\(gone.output)")
            try workspace.write("y", to: "artifacts/crash-11f6ad8ec52a2984abaafd7c3b516503785c2072")
            let cut = try crashes(["--config", config])
            #expect(cut.exitCode == 3 && cut.output.contains("cut or changed"), "\(cut.output)")
            #expect(cut.output.contains("its bytes are not those that failed"), "\(cut.output)")
            let path = workspace.artifacts + "/crash-11f6ad8ec52a2984abaafd7c3b516503785c2072"
            let run = try workspace.run(["reproduce", "--config", config, path])
            #expect(run.exitCode == 0 && run.output.contains("note: \(path): its bytes (1) are not those"), "\(run.output)")
        }

        @Test func noSymbolizerNoTargetNoDirectory() throws {
            let bare = try crashes(["--config", config], environment: ["FUZZD_SYMBOLIZER": ""])
            #expect(bare.exitCode == 0 && bare.lines(containing: "no llvm-symbolizer").count == 1, "\(bare.output)")
            #expect(bare.output.contains("trap"), "ELF symbols: \(bare.output)")
            let missing = try workspace.write("name: puzzle\ntarget:\n  program: /nonexistent\nartifacts: \(workspace.artifacts)\n", to: "other.yaml")
            let result = try crashes(["--config", missing])
            #expect(result.exitCode == 4 && result.failures.count == 1, "\(result.output)")
            let nowhere = try crashes(["--artifacts", workspace.directory + "/nowhere"])
            #expect(nowhere.exitCode == 3 && nowhere.failures.count == 1, "\(nowhere.output)")
        }
    }
}
