import Foundation
import Testing

extension EndToEnd {
    /// The ready campaigns with planted bugs, as they stand in `configs`.
    @Suite("Ready campaigns", .serialized)
    struct ReadyCampaignTests {
        /// Inputs for each seed, and seeds: together well below what a minute of a campaign runs.
        private static let runs = 8000
        private static let seeds = 1...8

        private static var names: [String] {
            let names = try? FileManager.default.contentsOfDirectory(atPath: Workspace.root + "/configs")
            return (names ?? []).filter { $0.hasSuffix("-bugs.yaml") }.sorted()
        }

        @Test func thereAreCampaignsWithBugs() {
            #expect(Self.names.count >= 10)
        }

        @Test(arguments: names) func findsAPlantedBugWithinAMinute(name: String) throws {
            var output = ""
            for seed in Self.seeds {
                let workspace = try Workspace()
                let result = try workspace.runCampaign(
                    Workspace.root + "/configs/" + name,
                    ["--artifacts", workspace.artifacts, "--seed", "\(seed)", "--runs", "\(Self.runs)"])
                output = result.output
                try #require(result.failures.isEmpty, "\(output)")
                let findings = try workspace.files("artifacts").keys.filter { !$0.hasSuffix(".json") }
                if !findings.isEmpty {
                    #expect([70, 71, 77].contains(result.exitCode), "\(output)")
                    return
                }
            }
            Issue.record("\(name): nothing in \(Self.seeds.count) x \(Self.runs) inputs: \(output.suffix(1000))")
        }
    }
}
