import Foundation
import Testing

extension EndToEnd {
    /// A daemon that may open few files.
    @Suite("Descriptor limits", .serialized)
    struct DescriptorLimitTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func start(limit: Int, workers: Int) throws -> FuzzdResult {
            try workspace.seed(["x"])
            let fuzzd = Workspace.buildDirectory + "/fuzzd"
            let config = try workspace.config()
            let command =
                "ulimit -n \(limit); exec '\(fuzzd)' start --config '\(config)' --corpus '\(workspace.corpus)' --runs 50 "
                + "--workers \(workers) --ignore-findings"
            return try workspace.start(["-c", command], program: "/bin/sh").wait()
        }

        @Test(arguments: [1024, 700, 128]) func targetsStartUnderIt(limit: Int) throws {
            let result = try start(limit: limit, workers: 2)
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(result.output.contains("DONE"), "\(result.output)")
        }

        @Test func oneThatLeavesNoRoomIsOneLine() throws {
            let result = try start(limit: 60, workers: 40)
            #expect(result.exitCode != 0)
            #expect(result.failures.count == 1, "\(result.output)")
        }
    }
}
