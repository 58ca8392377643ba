import Daemon
import Foundation
import Storage
import Testing

@Suite("Triage: values")
struct TriageValueTests {
    @Test func halfOfTheRunsIsStable() {
        var tally = RunTally([], of: nil)
        #expect(!tally.isStable, "nothing was run")
        tally.runs = 10
        for (same, label) in [(0, "flaky 0/10"), (1, "flaky 1/10"), (4, "flaky 4/10"), (5, "stable"), (10, "stable")] {
            tally.same = same
            #expect(tally.label == label)
        }
    }

    @Test func aGroupShowsItsSmallestStableInput() throws {
        let large = TriageFixtures.triaged([1, 2, 3, 4])
        let small = TriageFixtures.triaged([1, 2])
        let flaky = TriageFixtures.triaged([1], same: 1)
        var other = TriageFixtures.record(signature: "SIGSEGV:h")
        other.stack = [ArtifactFrame(module: "t", offset: 1, symbol: "h")]
        other.firstSeen = Date(timeIntervalSince1970: 2_000_000_000)
        let sighting = SightingLog.Sighting(
            kind: .crash, signature: "SIGILL:f<g", count: 99, firstSeen: Date(timeIntervalSince1970: 999_999_000),
            lastSeen: Date(timeIntervalSince1970: 1_000_009_000))
        let groups = CrashGroup.make([large, flaky, small, TriageFixtures.triaged([9], other)], sightings: [sighting])
        #expect(groups.count == 2)
        #expect(groups[0].smallest.entry.input == [9], "the newest comes first")
        #expect(groups[1].artifacts.map(\.entry.input.count) == [2, 4, 1])
        #expect(groups[1].count == 99, "three artifacts of one signature are counted once")
        #expect(groups[1].firstSeen == sighting.firstSeen && groups[1].lastSeen == sighting.lastSeen)
        #expect(groups[0].count == 1)
    }

    @Test func recordsSurviveTheDisk() throws {
        let cause = FlakyCause(kind: .state, explanation: "e", reset: "none", inputs: [Data([1, 2]), Data()])
        let record = try #require(TriageFixtures.triaged([1], same: 0, cause: cause).triage)
        let bytes = record.encoded()
        #expect(TriageRecord(decoding: bytes) == record)
        for count in [0, 1, bytes.count / 2, bytes.count - 3] { #expect(TriageRecord(decoding: Array(bytes.prefix(count))) == nil) }
        #expect(record.label == "flaky 0/10", "a replay showed it")
        let gone = try #require(TriageFixtures.triaged([1], same: 0).triage)
        #expect(gone.label == "gone 0/10")
    }

    @Test func deltaDebuggingKeepsWhatIsNeeded() {
        var trials = 0
        let needed: Set<Int> = [3, 500, 501]
        let found = DeltaDebugging.minimize(Array(0..<1000)) { list -> Bool? in
            trials += 1
            return needed.isSubset(of: list)
        }
        #expect(found == [3, 500, 501])
        #expect(trials < 400, "\(trials)")
        #expect(DeltaDebugging.minimize([Int]()) { _ -> Bool? in true }.isEmpty)
        #expect(DeltaDebugging.minimize([1, 2]) { _ -> Bool? in true }.isEmpty)
        #expect(DeltaDebugging.minimize([1]) { list -> Bool? in !list.isEmpty } == [1])
        var left = 5
        let cut = DeltaDebugging.minimize(Array(0..<64)) { list -> Bool? in
            left -= 1
            return left < 0 ? nil : list.contains(60)
        }
        #expect(cut.contains(60) && cut.count < 64, "the best so far")
    }

    @Test func textTellsLabelCauseAndCommands() throws {
        let cause = FlakyCause(kind: .state, explanation: "it needs the state that 1 earlier input left behind", reset: "none", inputs: [Data([7])])
        let flaky = TriageFixtures.triaged([1], same: 0, cause: cause)
        let group = try #require(CrashGroup.make([flaky], sightings: []).first)
        let directory = CrashInventory.Directory(path: "artifacts", groups: [group], configPath: "configs/a.yaml")
        var inventory = CrashInventory()
        #expect(CrashText.list(inventory) == ["no crashes"])
        inventory.directories = [directory]
        let list = CrashText.list(inventory)
        #expect(list.count == 4)
        #expect(list[1].contains(group.identifier) && list[1].contains("flaky 0/10") && list[1].contains("2001-09-09 01:46"))
        #expect(list[2].contains("earlier input"))
        let shown = CrashText.show(group, flaky, configPath: "configs/a.yaml").joined(separator: "\n")
        #expect(shown.contains("fuzzd reproduce --config configs/a.yaml --reset none \(flaky.entry.path).before-1 \(flaky.entry.path)"))
        #expect(shown.contains("fuzzd minimize --config configs/a.yaml \(flaky.entry.path)"))
        #expect(shown.contains("#0 a.f(x: Swift.Int) -> () /src/a dir/f.swift:7:3"))
    }

    @Test func theListIsJSONToo() throws {
        var inventory = CrashInventory()
        let groups = CrashGroup.make([TriageFixtures.triaged([1]), TriageFixtures.triaged([1, 2])], sightings: [])
        inventory.directories = [CrashInventory.Directory(path: "artifacts", groups: groups, configPath: nil)]
        let object = try #require(try JSONSerialization.jsonObject(with: Data(CrashJSON(inventory).text.utf8)) as? [String: Any])
        let group = try #require((object["groups"] as? [[String: Any]])?.first)
        #expect(group["id"] as? String == groups[0].identifier)
        #expect(group["error_type"] as? String == "SIGSEGV")
        #expect((group["artifacts"] as? [[String: Any]])?.count == 2)
        #expect((group["commands"] as? [String: String])?["reproduce"]?.contains("--runs 10") == true)
    }
}
