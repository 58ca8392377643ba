import Foundation
import Testing

extension EndToEnd {
    /// Fork is the reference: what a campaign found, run in shuffled orders.
    @Suite("Orders", .serialized)
    struct ShuffledOrderTests {
        @Test(arguments: ["generic-pc", "generic-virtio-blk", "generic-timers", "generic-virtio-blk-bugs"])
        func builtInMachines(name: String) throws {
            let workspace = try Workspace()
            let config = Workspace.root + "/configs/\(name).yaml"
            let campaign = try workspace.runCampaign(
                config,
                ["--runs", "40000", "--seed", "3", "--reset", "snapshot", "--ignore-findings", "--artifacts", workspace.artifacts])
            try #require(campaign.exitCode == 0, "\(campaign.output)")
            let count = try FileManager.default.contentsOfDirectory(atPath: workspace.corpus).count
            try #require(count >= 200, "too small a corpus: \(count)")
            let seed = UInt64.random(in: 1...1_000_000)
            let json = workspace.directory + "/orders.json"
            let result = try workspace.run([
                "compare", "--config", config, "--corpus", workspace.corpus, "--rounds", "1", "--reset", "snapshot",
                "--orders", "3", "--seed", "\(seed)", "--json", json,
            ])
            #expect(result.exitCode == 0, "\(result.output)")
            let data = try #require(FileManager.default.contents(atPath: json))
            let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            let orders = try #require(report["orders"] as? [String: Any])
            #expect((orders["differences"] as? [Any])?.isEmpty == true, "seed \(seed): \(result.output)")
            #expect((orders["unsteadyInputs"] as? [Any])?.isEmpty == true, "seed \(seed): \(result.output)")
            #expect(!result.output.contains("no snapshot"))
        }
    }
}
