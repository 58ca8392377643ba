import Daemon
import Foundation
import ForkServer
import Fuzzing
import Storage
import Testing

/// Runs whole campaigns on the puzzle target in a directory of their own.
struct CampaignFixture {
    let directory: String
    let recorder = RecordingDisplay()

    init() throws {
        directory = NSTemporaryDirectory() + "fuzzd-campaign-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory + "/corpus", withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    func seed(_ inputs: [String]) throws {
        for input in inputs {
            try Data(input.utf8).write(to: URL(fileURLWithPath: directory + "/corpus/seed-" + input))
        }
    }

    static var buildDirectory: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    }

    func settings(_ adjust: (inout CampaignSettings) -> Void = { _ in }) -> CampaignSettings {
        var target = TargetConfiguration(program: Self.buildDirectory + "/puzzle-target")
        target.limits.operationTimeoutMicroseconds = 0
        target.limits.inputTimeoutMicroseconds = 300_000
        target.maxInputBytes = 16
        var fuzzer = FuzzerOptions()
        fuzzer.seed = 7
        fuzzer.maxInputBytes = 16
        var settings = CampaignSettings(
            name: "puzzle", configPath: "puzzle.yaml", harness: "puzzle", target: target, fuzzer: fuzzer,
            corpusDirectories: [directory + "/corpus"], artifactDirectory: directory + "/artifacts", runs: 3000)
        adjust(&settings)
        return settings
    }

    @discardableResult
    func run(_ settings: CampaignSettings) throws -> FuzzdExitCode {
        try Campaign(settings: settings, display: recorder, control: CampaignControl()).run()
    }

    /// Names and contents of the files of a directory, hidden ones left out.
    func files(_ name: String) throws -> [String: Data] {
        var result: [String: Data] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: directory + "/" + name) where !file.hasPrefix(".") {
            result[file] = FileManager.default.contents(atPath: directory + "/" + name + "/" + file)
        }
        return result
    }
}

final class RecordingDisplay: CampaignDisplay {
    var events: [CampaignDisplayEvent] = []
    var summary: CampaignSummary?

    func started(_ start: CampaignStart) {}
    func event(_ event: CampaignDisplayEvent, status: CampaignStatus) { events.append(event) }
    func tick(_ status: CampaignStatus) {}
    func finished(_ summary: CampaignSummary) { self.summary = summary }
}

@Suite("Campaigns on the puzzle target", .serialized)
struct CampaignTests {
    @Test func findsVerifiesAndSavesACrash() throws {
        let fixture = try CampaignFixture()
        defer { fixture.remove() }
        try fixture.seed(["T"])
        let code = try fixture.run(fixture.settings { $0.runs = 0 })
        #expect(code == .crashFound)
        let artifacts = try fixture.files("artifacts")
        let crash = try #require(artifacts.keys.first { $0.hasPrefix("crash-") && !$0.hasSuffix(".json") })
        #expect(artifacts[crash] == Data("T".utf8))
        let json = try #require(artifacts[crash + ".json"])
        let record = try #require(ArtifactRecord(decoding: Array(json)))
        #expect(record.verified)
        #expect(record.signalName == "SIGILL" || record.signalName == "SIGTRAP")
        #expect(record.reproduce.contains(crash))
        #expect(!record.stack.isEmpty)
    }

    @Test func aTimeoutIsReportedAfterItHappenedAgain() throws {
        let fixture = try CampaignFixture()
        defer { fixture.remove() }
        try fixture.seed(["L"])
        #expect(try fixture.run(fixture.settings { $0.runs = 0 }) == .timeoutFound)
        #expect(try fixture.files("artifacts").keys.contains { $0.hasPrefix("timeout-") })
        #expect(fixture.recorder.summary?.status.childrenKilled.inputTimeout == 2)
    }

    @Test func theSameSeedGivesTheSameCampaign() throws {
        var results: [([String: Data], Int)] = []
        for _ in 0..<2 {
            let fixture = try CampaignFixture()
            defer { fixture.remove() }
            try fixture.seed(["c", "x", "R"])
            try fixture.run(
                fixture.settings {
                    $0.runs = 2000
                    $0.target.environment["PUZZLE_IS_CALM"] = "1"
                })
            results.append((try fixture.files("corpus"), fixture.recorder.summary?.status.features ?? -1))
        }
        #expect(results[0].0 == results[1].0)
        #expect(results[0].1 == results[1].1)
        #expect(results[0].1 > 0)
    }

    @Test func aRestartGoesOnWithWhatWasFound() throws {
        let fixture = try CampaignFixture()
        defer { fixture.remove() }
        try fixture.seed(["T"])
        #expect(try fixture.run(fixture.settings { $0.runs = 0 }) == .crashFound)
        let before = try fixture.files("artifacts")
        #expect(try fixture.run(fixture.settings { $0.runs = 0 }) == .success, "a known crash is not new")
        #expect(try fixture.files("artifacts") == before)
    }

    @Test func twoDaemonsOnOneCorpus() throws {
        let fixture = try CampaignFixture()
        defer { fixture.remove() }
        let corpus = CorpusDirectory(directories: [fixture.directory + "/corpus"])
        try corpus.prepare()
        let lock = try CampaignLock(stateDirectory: corpus.statePath, corpus: fixture.directory)
        let failure = #expect(throws: CommandFailure.self) { try fixture.run(fixture.settings()) }
        #expect(failure?.exitCode == .corpusBusy)
        withExtendedLifetime(lock) {}
    }

    @Test func aTargetThatIsNotThere() throws {
        let fixture = try CampaignFixture()
        defer { fixture.remove() }
        let failure = #expect(throws: CommandFailure.self) {
            try fixture.run(fixture.settings { $0.target = TargetConfiguration(program: "/nowhere/target") })
        }
        #expect(failure?.exitCode == .targetUnusable)
        #expect(failure?.message.contains("/nowhere/target") == true)
    }

    @Test(arguments: [ResetStrategy.fork, .reboot, .none])
    func severalWorkers(strategy: ResetStrategy) throws {
        let fixture = try CampaignFixture()
        defer { fixture.remove() }
        try fixture.seed(["c"])
        try fixture.run(
            fixture.settings {
                $0.target.workers = 2
                $0.target.strategy = strategy
                $0.runs = 500
                $0.target.environment["PUZZLE_IS_CALM"] = "1"
                $0.ignoresFindings = true
            })
        #expect((fixture.recorder.summary?.status.executions ?? 0) >= 500)
    }

    @Test func aMachineParentThatIsKilledComesBack() throws {
        let fixture = try CampaignFixture()
        defer { fixture.remove() }
        try fixture.seed(["c"])
        let killer = KillingDisplay(times: 2)
        let code = try Campaign(
            settings: fixture.settings {
                $0.runs = 3000
                $0.target.environment["PUZZLE_IS_CALM"] = "1"
                $0.target.forkAhead = .always
                $0.ignoresFindings = true
            }, display: killer, control: CampaignControl()
        ).run()
        #expect(code == .success)
        #expect(killer.summary?.status.machineParentRestarts == 2)
        let executions = killer.summary?.status.executions ?? 0
        #expect(executions >= 3000)
        // What was counted before a restart counts.
        #expect((killer.summary?.status.childrenAhead ?? 0) + 100 >= executions)
    }
}

/// Kills the target's machine parent at the first pulses after the corpus was loaded.
final class KillingDisplay: CampaignDisplay {
    private var timesLeft: Int
    var summary: CampaignSummary?

    init(times: Int) { timesLeft = times }

    func started(_ start: CampaignStart) {}
    func tick(_ status: CampaignStatus) {}
    func finished(_ summary: CampaignSummary) { self.summary = summary }

    func event(_ event: CampaignDisplayEvent, status: CampaignStatus) {
        guard case .pulse = event, status.state == .fuzzing, timesLeft > 0, status.executions > 64 else { return }
        timesLeft -= 1
        for child in childrenOfThisProcess() where commandName(child) == "puzzle-target" { kill(child, SIGKILL) }
    }

    private func childrenOfThisProcess() -> [Int32] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.flatMap { task in
            ((try? String(contentsOfFile: "/proc/self/task/\(task)/children", encoding: .utf8)) ?? "")
                .split(separator: " ").compactMap { Int32($0) }
        }
    }

    private func commandName(_ process: Int32) -> String {
        ((try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? "")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
