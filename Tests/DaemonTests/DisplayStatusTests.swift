import Daemon
import ForkServer
import Foundation
import Testing

@Suite struct DisplayStatusTests {
    @Test func everyFactHasItsLine() {
        let lines = StatusText.lines(DisplayFixtures.status())
        #expect(lines.first == "campaign     virtio-blk-bugs (configs/virtio-blk-bugs.yaml)")
        #expect(lines.contains("state        fuzzing, pid 4711"))
        #expect(lines.contains("harness      virtio-blk, fork, 2 workers, seed 42"))
        #expect(lines.contains("artifacts    2 crash, 1 timeout"))
        #expect(lines.last?.hasPrefix("reproduce    fuzzd reproduce --config ") == true)
    }

    @Test func replacedRunnersAreShownWithTheirCause() {
        var status = DisplayFixtures.status()
        status.replacedRunners = ReplacedRunners(count: 1200, causes: ["descriptors", "signals"])
        let line = "1,200 runners, because inputs changed descriptors, signals"
        #expect(StatusText.lines(status).contains("replaced     " + line))
        #expect(StatusText.lines(status).contains("others       1200 replaced"))
        let summary = CampaignSummary(status: status, reason: "interrupted", artifacts: [], corpusDirectory: "c")
        #expect(SummaryText.lines(summary).contains("replaced  " + line))
        let frame = ScreenFrame.render(
            status: status, width: 79, height: 24, style: ScreenStyle(color: false, unicode: false))
        #expect(frame.contains { $0.contains("others       1200 replaced") })
    }

    @Test func childrenThatWereForkedAheadAreShown() {
        var status = DisplayFixtures.status()
        let summary = { SummaryText.lines(CampaignSummary(status: status, reason: "interrupted", artifacts: [], corpusDirectory: "c")) }
        #expect(!summary().contains { $0.hasPrefix("ahead ") })
        status.executions = 1000
        status.childrenAhead = 971
        #expect(summary().contains("ahead     97.1 % of inputs ran in a child that was forked ahead"))
        #expect(StatusText.lines(status).contains("ahead        97.1 % of inputs ran in a child that was forked ahead"))
    }

    @Test func whatTargetsCountedIsAddedUp() {
        let first = ReplacedRunners(count: 2, causes: ["timers", "mappings"])
        let sum = first + ReplacedRunners(count: 1, causes: ["signals"])
        #expect(sum == ReplacedRunners(count: 3, causes: ["mappings", "signals", "timers"]))
    }

    @Test func jsonComesBackAsItWas() throws {
        var status = DisplayFixtures.status()
        status.replacedRunners = ReplacedRunners(count: 3, causes: ["timers"])
        status.seed = .max
        let data = try JSONEncoder().encode(status)
        #expect(try JSONDecoder().decode(CampaignStatus.self, from: data) == status)
    }

    @Test func whatNeverHappenedIsAbsent() throws {
        let status = CampaignStatus(
            name: "n", configPath: "c", processID: 1, harness: "h", resetStrategy: "fork", workers: 1, seed: 0
        )
        #expect(status.artifacts.total == 0 && status.childrenKilled.total == 0)
        let text = String(decoding: try JSONEncoder().encode(status), as: UTF8.self)
        #expect(!text.contains("lastArtifact") && !text.contains("secondsSinceLastFind"))
        #expect(!text.contains("replacedRunners"))
        #expect(StatusText.lines(status).contains("last find    none yet"))
    }
}
