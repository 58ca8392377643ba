import Foundation
import Testing

extension EndToEnd {
    /// From a crash to the command that shows it again; and measuring.
    @Suite("Findings", .serialized)
    struct FindingTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        @Test func aCrashIsSavedAndItsCommandShowsItAgain() throws {
            try workspace.seed(["T", "x"])
            let result = try workspace.runCampaign(workspace.config(), ["--runs", "0"])
            #expect(result.exitCode == 77, "\(result.output)")
            let crash = try #require(
                try workspace.files("artifacts").first {
                    $0.key.hasPrefix("crash-") && !$0.key.hasSuffix(".json")
                })
            #expect(crash.value == Data("T".utf8))

            let path = workspace.artifacts + "/" + crash.key
            let again = try workspace.run(["reproduce", "--config", workspace.config(), path])
            #expect(again.exitCode == 77)
            #expect(again.output.contains("Running: " + path))
            #expect(again.output.contains("SUMMARY: "), "\(again.output)")

            // The command as it is printed, in a shell.
            let command = try #require(result.lines(containing: " reproduce --config").last)
                .trimmingCharacters(in: .whitespaces)
            let tools = Workspace.buildDirectory
            let typed = try workspace.start(["-c", "PATH='\(tools)':$PATH; \(command)"], program: "/bin/sh")
                .wait()
            #expect(typed.exitCode == 77, "\(command): \(typed.output)")
        }

        @Test func aHarmlessFileDoesNothing() throws {
            let path = try workspace.write("x", to: "harmless")
            let result = try workspace.run(["reproduce", "--config", workspace.config(), path])
            #expect(result.exitCode == 0)
            #expect(result.output.contains("no failure"), "\(result.output)")
        }

        @Test func theWorstOfSeveralFilesCounts() throws {
            let harmless = try workspace.write("x", to: "harmless")
            let endless = try workspace.write("L", to: "endless")
            let config = try workspace.config(isCalm: false)
            #expect(try workspace.run(["reproduce", "--config", config, harmless, endless]).exitCode == 70)
            let trap = try workspace.write("T", to: "trap")
            #expect(
                try workspace.run(["reproduce", "--config", config, endless, trap, harmless]).exitCode == 77)
        }

        @Test func strategiesAreCompared() throws {
            // "s" crashes where an input before it left something behind.
            try workspace.seed(["a", "c", "s"])
            let json = workspace.directory + "/report.json"
            let html = workspace.directory + "/report.html"
            let result = try workspace.run([
                "compare", "--config", workspace.config(), "--corpus", workspace.corpus, "--rounds", "2",
                "--json", json,
                "--html", html,
            ])
            #expect(result.exitCode == 0, "\(result.output)")
            for word in ["fork", "snapshot", "reboot", "none", "seed-s"] {
                #expect(result.output.contains(word), "\(result.output)")
            }
            let data = try #require(FileManager.default.contents(atPath: json))
            #expect(try JSONSerialization.jsonObject(with: data) is [String: Any])
            let page = try String(contentsOfFile: html, encoding: .utf8)
            #expect(page.contains("<svg") && page.contains("</html>"))
            #expect(!page.contains("src=\"http"), "the page needs no network")
        }

        @Test func theSameSeedGivesTheSameCampaignInTwoProcesses() throws {
            var results: [(files: [String: Data], done: Substring)] = []
            for _ in 0..<2 {
                let workspace = try Workspace()
                try workspace.seed(["c", "x", "R"])
                let result = try workspace.runCampaign(
                    workspace.config(),
                    ["--runs", "5000", "--seed", "41", "--workers", "1", "--ignore-findings"])
                #expect(result.exitCode == 0, "\(result.output)")
                let done = try #require(result.lines(containing: "DONE").last)
                // Coverage, features and corpus; then come speed and memory.
                results.append((try workspace.files("corpus"), done.prefix { $0 != "x" }.dropLast()))
            }
            #expect(results[0].files == results[1].files)
            #expect(results[0].done == results[1].done)
            #expect(results[0].done.contains("ft: "))
            #expect(results[0].files.count > 3, "something was found")
        }
    }

    /// The built-in machine, as somebody who just installed it uses it.
    @Suite("Built-in machine", .serialized)
    struct BuiltInMachineTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        /// It compares addresses, which would be others each time.
        @Test(arguments: ["fork", "snapshot"])
        func theSameSeedGivesTheSameCampaign(reset: String) throws {
            var results: [[String: Data]] = []
            for _ in 0..<2 {
                let workspace = try Workspace()
                let result = try workspace.run([
                    "start", "--config", Workspace.root + "/configs/generic-pc.yaml", "--corpus", workspace.corpus,
                    "--artifacts", workspace.artifacts, "--seed", "1", "--runs", "2000", "--reset", reset,
                ])
                #expect(result.exitCode == 0, "\(result.output)")
                results.append(try workspace.files("corpus"))
            }
            #expect(results[0] == results[1])
            #expect(results[0].count > 50, "\(results[0].count) inputs")
        }

        /// Whichever way children are forked: their stacks begin at the same place.
        @Test func forkingAheadGivesTheSameCampaign() throws {
            let configs = Workspace.root + "/configs/"
            let config = try String(contentsOfFile: configs + "generic-pc.yaml", encoding: .utf8)
                .replacingOccurrences(of: "dictionary: ", with: "dictionary: " + configs)
            var results: [[String: Data]] = []
            for way in ["never", "always"] {
                let workspace = try Workspace()
                let path = workspace.corpus + "-" + way + ".yaml"
                try (config + "\nfork_ahead: \(way)\n").write(toFile: path, atomically: true, encoding: .utf8)
                let result = try workspace.runCampaign(path, ["--seed", "1", "--runs", "2000", "--artifacts", workspace.artifacts])
                #expect(result.exitCode == 0, "\(result.output)")
                results.append(try workspace.files("corpus"))
            }
            #expect(results[0] == results[1])
            #expect(results[0].count > 50, "\(results[0].count) inputs")
        }

        @Test func plantedBugsAreFoundAndReproduced() throws {
            let config = Workspace.root + "/configs/generic-pc-bugs.yaml"
            let result = try workspace.run([
                "start", "--config", config, "--corpus", workspace.corpus, "--artifacts", workspace.artifacts,
                "--seed",
                "1", "--runs", "20000",
            ])
            #expect(result.exitCode == 77, "\(result.output)")
            let crashes = try workspace.files("artifacts").keys
                .filter { $0.hasPrefix("crash-") && !$0.hasSuffix(".json") }.sorted()
            let crash = try #require(crashes.first)
            let again = try workspace.run([
                "reproduce", "--config", config, workspace.artifacts + "/" + crash,
            ])
            #expect(again.exitCode == 77, "\(again.output)")
        }

        @Test func everyReadyConfigServes() throws {
            let configs = try FileManager.default.contentsOfDirectory(atPath: Workspace.root + "/configs")
                .filter { $0.hasSuffix(".yaml") }.sorted()
            #expect(configs.count > 10)
            for config in configs {
                let result = try workspace.run([
                    "start", "--config", Workspace.root + "/configs/" + config, "--corpus",
                    workspace.directory + "/corpus-" + config, "--artifacts", workspace.artifacts, "--runs",
                    "0",
                ])
                #expect(result.exitCode == 0, "\(config): \(result.output)")
            }
        }

        @Test func theListNamesHarnessesAndTheMachineItsRegions() throws {
            let list = try workspace.run(["list"])
            #expect(list.exitCode == 0)
            for harness in ["generic", "virtio-blk", "i440fx"] {
                #expect(list.output.contains(harness), "\(list.output)")
            }
            let regions = try workspace.run([
                "start", "--config", Workspace.root + "/configs/generic-serial.yaml", "--corpus",
                workspace.corpus,
                "--artifacts", workspace.artifacts, "--runs", "0",
            ])
            #expect(regions.exitCode == 0, "\(regions.output)")
            #expect(regions.output.contains("serial"), "\(regions.output)")
            #expect(regions.output.contains("INITED"), "\(regions.output)")
        }
    }
}
