import Foundation
import Testing

extension EndToEnd {
    /// How a daemon is stopped, killed, continued, and reached while it runs.
    @Suite("Life of a daemon", .serialized)
    struct LifecycleTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func start(_ more: [String] = []) throws -> FuzzdProcess {
            try workspace.start(
                ["start", "--config", workspace.config(), "--corpus", workspace.corpus] + more)
        }

        @Test func controlCSavesEverything() throws {
            try workspace.seed(["c"])
            let daemon = try start()
            try daemon.waitForOutput("NEW ")
            daemon.kill(SIGINT)
            let result = try daemon.wait()
            #expect(result.exitCode == 0 || result.exitCode == 77, "\(result.output)")
            #expect(result.output.contains("campaign  puzzle") && result.output.contains(": interrupted"))
            // Inputs in memory that are not the seed are files.
            let done = try #require(result.lines(containing: "DONE").last)
            let count = try #require(number(after: "corp: ", in: done))
            #expect(try workspace.files("corpus").count >= count, "\(done)")
            #expect(ProcessList.descendants(of: daemon.processID).isEmpty)
        }

        @Test func whatOthersPutIntoTheCorpusIsRun() throws {
            try workspace.seed(["x"])
            let other = workspace.directory + "/other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            let campaign = ["start", "--config", try workspace.config(), "--corpus", workspace.corpus, "--corpus", other]
            let daemon = try workspace.start(campaign + ["--ignore-findings"])
            try daemon.waitForOutput("INITED")
            // The puzzle's solution, which mutation does not find while the test runs.
            try workspace.write("cash", to: "other/from-another-fuzzer")
            try daemon.waitForOutput("\tRELOAD")
            try daemon.waitForOutput("SUMMARY: fuzzd: deadly signal: ")
            daemon.kill(SIGINT)
            #expect(try daemon.wait().exitCode == 0)
            #expect(try workspace.files("artifacts").values.contains(Data("cash".utf8)))
        }

        @Test func withoutReloadTheyAreLeftForTheNextStart() throws {
            try workspace.seed(["x"])
            let daemon = try start(["--reload", "0", "--max-total-time", "4"])
            try daemon.waitForOutput("INITED")
            try workspace.seed(["caxx"])
            let result = try daemon.wait()
            #expect(!result.output.contains("RELOAD"), "\(result.output)")
        }

        @Test func sigtermIsNoLessCareful() throws {
            let daemon = try start()
            try daemon.waitForOutput("INITED")
            daemon.kill(SIGTERM)
            let result = try daemon.wait()
            #expect(result.exitCode == 0 || result.exitCode == 77)
            #expect(result.output.contains(": interrupted"))
        }

        @Test func aTimeLimit() throws {
            let result = try workspace.runCampaign(
                workspace.config(), ["--max-total-time", "1", "--ignore-findings"])
            #expect(result.exitCode == 0)
            #expect(result.output.contains("time limit reached"))
        }

        @Test func killedWithEverythingBelowItAndContinued() throws {
            try workspace.seed(["c"])
            // Not calm, so that there are children that fork, ignore signals, loop.
            let config = try workspace.config(isCalm: false)
            try workspace.seed(["i", "d", "f", "S", "L"])
            let arguments = ["start", "--config", config, "--corpus", workspace.corpus, "--workers", "2"]
            let daemon = try workspace.start(arguments)
            try daemon.waitForOutput("READ")
            // Machine parents of other workers and children that left their session are nobody's descendants.
            let everybody = { ProcessList.named("puzzle-target", inheriting: workspace.directory) }
            try waitUntil("two machine parents and a child", seconds: 20) { everybody().count >= 3 }
            daemon.kill(SIGKILL)
            let killed = Date()
            try waitUntil("the end of what was below", seconds: 10) { everybody().isEmpty }
            let seconds = Date().timeIntervalSince(killed)
            print("after kill -9 everything below the daemon was gone in \(Int(seconds * 1000)) ms")
            #expect(seconds < 5)
            #expect(try daemon.wait().exitCode == -SIGKILL)
        }

        @Test func aRestartGoesOnWithWhatWasCounted() throws {
            try workspace.seed(["c"])
            let daemon = try start()
            try daemon.waitForOutput("NEW ")
            try waitUntil("executions", seconds: 20) { (try counters().executions) > 500 }
            daemon.kill(SIGKILL)
            _ = try daemon.wait()
            let counted = try counters()
            let files = try workspace.files("corpus")
            #expect(files.count > 1)
            for (name, data) in files where !name.hasPrefix("seed-") {
                #expect(!data.isEmpty, "\(name) is whole")
            }
            // The lock died with its owner; everything that was found is loaded again.
            let second = try workspace.runCampaign(workspace.config(), ["--runs", "0", "--ignore-findings"])
            #expect(second.exitCode == 0, "\(second.output)")
            #expect(second.lines(containing: "\(files.count) files found").count == 1, "\(second.output)")
            let after = try counters()
            #expect(after.executions >= counted.executions + UInt64(files.count))
            #expect(after.starts == counted.starts + 1)
        }

        @Test func detachedAndReachedThroughItsSocket() throws {
            let started = try workspace.runCampaign(workspace.config(), ["--detach"])
            #expect(started.exitCode == 0, "\(started.output)")
            let line = try #require(started.lines(containing: "pid ").first)
            let processID = Int32(try #require(number(after: "pid ", in: line)))
            defer { kill(processID, SIGKILL) }
            #expect(ProcessList.isAlive(processID))
            try waitUntil("the corpus", seconds: 20) { try status()["state"] as? String == "fuzzing" }

            let text = try workspace.run(["status"])
            #expect(text.exitCode == 0)
            #expect(
                text.output.contains("puzzle") && text.output.contains("pid \(processID)"), "\(text.output)")

            #expect(try workspace.run(["pause"]).exitCode == 0)
            try waitUntil("the pause", seconds: 20) { try status()["state"] as? String == "paused" }
            let atPause = try executions()
            #expect(
                ProcessList.descendants(of: processID).contains { ProcessList.name($0) == "puzzle-target" })
            #expect(try workspace.run(["resume", "puzzle"]).exitCode == 0)
            try waitUntil("more executions", seconds: 20) { try executions() > atPause }

            #expect(try workspace.run(["stop"]).exitCode == 0)
            try waitUntil("the end", seconds: 20) { !ProcessList.isAlive(processID) }
            #expect(ProcessList.named("puzzle-target", inheriting: workspace.directory).isEmpty)
            let log = try #require(started.lines(containing: "log:").first).dropFirst("log:".count)
            let summary = try String(
                contentsOfFile: log.trimmingCharacters(in: .whitespaces), encoding: .utf8)
            #expect(summary.contains("stopped through the control socket"), "\(summary.suffix(500))")
            #expect(try workspace.run(["status"]).exitCode == 9)
        }

        @Test func detachingFailsWithTheDaemonsOwnCode() throws {
            let config = try workspace.config(environment: ["PUZZLE_AT_START": "die"])
            let result = try workspace.runCampaign(config, ["--detach"])
            #expect(result.exitCode == 4)
            #expect(result.failures.count == 1)
            #expect(result.failures.first?.contains("exited with status 9") == true, "\(result.output)")
        }

        @Test func nobodyIsThere() throws {
            for verb in ["status", "stop", "pause", "resume"] {
                let result = try workspace.run([verb])
                #expect(result.exitCode == 9)
                #expect(result.lines == ["fuzzd: no campaign is running"])
            }
        }

        @Test func theSocketIsItsOwnersAlone() throws {
            let daemon = try start()
            try daemon.waitForOutput("READ")
            let path = workspace.directory + "/run/fuzzd"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o700)
            daemon.kill(SIGINT)
            _ = try daemon.wait()
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: path).isEmpty,
                "the socket went with its daemon")
        }

        private func status() throws -> [String: Any] {
            let result = try workspace.run(["status", "--json"])
            let object = try? JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            return object ?? [:]
        }

        private func executions() throws -> UInt64 {
            (try status()["executions"] as? NSNumber)?.uint64Value ?? 0
        }

        /// The numbers that outlive a daemon: a page of 64-bit words, eight of which are its header.
        private func counters() throws -> (executions: UInt64, starts: UInt64) {
            guard let data = FileManager.default.contents(atPath: workspace.corpus + "/.fuzzd/counters"),
                data.count == 4096
            else { return (0, 0) }
            let words = data.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) }
            return (words[8], words[8 + 10])
        }
    }
}

/// The decimal number behind the first occurrence of a text.
func number(after text: String, in line: String) -> Int? {
    guard let range = line.range(of: text) else { return nil }
    return Int(line[range.upperBound...].prefix { $0.isNumber })
}
