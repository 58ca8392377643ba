import Foundation
import Testing

extension EndToEnd {
    /// The ready campaigns with planted bugs, as they stand in `configs`.
    @Suite("Ready campaigns", .serialized)
    struct ReadyCampaignTests {
        /// Inputs of the campaigns that may be needed until one finds something, each with a seed of its own. None has more than a
        /// minute runs on one core; most end with the first.
        private static let runs = [5000, 20_000, 60_000, 120_000]

        private static var names: [String] {
            let names = try? FileManager.default.contentsOfDirectory(atPath: Workspace.root + "/configs")
            return (names ?? []).filter { $0.hasSuffix("-bugs.yaml") }.sorted()
        }

        /// Those of the structured harness; all of them, which takes minutes, with `FUZZD_SOAK`.
        private static var checked: [String] {
            let isSoak = ProcessInfo.processInfo.environment["FUZZD_SOAK"] != nil
            return isSoak ? names : names.filter { $0.hasPrefix("virtio-blk") }
        }

        @Test func thereAreCampaignsWithBugs() {
            #expect(Self.names.count >= 10)
        }

        @Test(arguments: checked) func findsAPlantedBugWithinAMinute(name: String) throws {
            var output = ""
            for (seed, runs) in Self.runs.enumerated() {
                let workspace = try Workspace()
                let result = try workspace.runCampaign(
                    Workspace.root + "/configs/" + name,
                    ["--artifacts", workspace.artifacts, "--seed", "\(seed)", "--runs", "\(runs)"])
                output = result.output
                try #require(result.failures.isEmpty, "\(output)")
                let findings = try workspace.files("artifacts").keys.filter { !$0.hasSuffix(".json") }
                if !findings.isEmpty {
                    #expect([70, 71, 77].contains(result.exitCode), "\(output)")
                    return
                }
            }
            Issue.record("\(name): nothing in campaigns of \(Self.runs) inputs: \(output.suffix(1000))")
        }
    }
}
