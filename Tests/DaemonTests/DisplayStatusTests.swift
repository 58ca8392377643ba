import Daemon
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

    @Test func jsonComesBackAsItWas() throws {
        var status = DisplayFixtures.status()
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
        #expect(StatusText.lines(status).contains("last find    none yet"))
    }
}
