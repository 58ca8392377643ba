import Foundation
import Testing

extension EndToEnd {
    /// Programs that are no target, and targets that die.
    @Suite("Bad target", .serialized)
    struct BadTargetTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func expectFailure(
            config: String, _ code: Int32, _ texts: [String],
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let result = try workspace.runCampaign(config)
            #expect(result.exitCode == code, "\(result.output)", sourceLocation: sourceLocation)
            #expect(result.failures.count == 1, "\(result.output)", sourceLocation: sourceLocation)
            #expect(
                result.lines.count == 1, "one line and no more: \(result.output)",
                sourceLocation: sourceLocation)
            for text in texts {
                #expect(
                    result.failures.first?.contains(text) == true, "\(result.output)",
                    sourceLocation: sourceLocation)
            }
        }

        @Test func anAbsentProgram() throws {
            let config = try workspace.config(program: "/nowhere/target")
            try expectFailure(config: config, 4, [config + ":3: target.program", "/nowhere/target"])
        }

        @Test func aProgramThatIsNoTarget() throws {
            try expectFailure(
                config: workspace.config(program: "/bin/true"), 4, ["/bin/true", "fuzzd's runtime"])
        }

        @Test func aProgramWithoutCoverage() throws {
            try expectFailure(
                config: workspace.config(program: "bare-target"), 5,
                ["bare-target", "no coverage counters", "-fsanitize"])
        }

        @Test func aTargetOfAnotherVersion() throws {
            try expectFailure(
                config: workspace.config(program: "bare-target", environment: ["BARE_TARGET_VERSION": "99"]),
                6,
                ["bare-target", "version 99", "rebuild"])
        }

        @Test func aMachineParentThatDiesAtStart() throws {
            try expectFailure(
                config: workspace.config(environment: ["PUZZLE_AT_START": "die"]), 4,
                ["puzzle-target", "exited with status 9"])
        }

        @Test func aMachineParentThatNeverServes() throws {
            let config = try workspace.config(environment: ["PUZZLE_AT_START": "hang"])
            let text = try String(contentsOfFile: config, encoding: .utf8)
                .replacing("target:\n", with: "target:\n  initialization_timeout_seconds: 1\n")
            try workspace.write(text, to: "campaign.yaml")
            try expectFailure(config: config, 4, ["within 1 s", "initialization_timeout_seconds"])
        }

        @Test func anUnknownKey() throws {
            let config = try workspace.config(lines: ["speed: 9"])
            try expectFailure(config: config, 2, [config + ":", "speed"])
        }

        @Test func aMachineParentThatIsKilledComesBack() throws {
            let daemon = try workspace.start([
                "start", "--config", workspace.config(), "--corpus", workspace.corpus,
            ])
            try daemon.waitForOutput("INITED")
            let parent = try #require(machineParent(of: daemon))
            kill(parent, SIGKILL)
            try daemon.waitForOutput("was lost and started again")
            try waitUntil("a new machine parent", seconds: 20) {
                machineParent(of: daemon).map { $0 != parent } ?? false
            }
            daemon.kill(SIGINT)
            let result = try daemon.wait()
            #expect(result.failures.isEmpty)
            #expect(result.lines(containing: "WARNING").count == 1, "\(result.output)")
            #expect(result.output.contains("started again 1 time"))
        }

        @Test func aMachineParentThatKeepsDyingEndsTheCampaign() throws {
            let daemon = try workspace.start([
                "start", "--config", workspace.config(), "--corpus", workspace.corpus,
            ])
            try daemon.waitForOutput("INITED")
            try waitUntil("the end of the daemon", seconds: 60) {
                if let parent = machineParent(of: daemon) { kill(parent, SIGKILL) }
                return !daemon.isRunning
            }
            let result = try daemon.wait()
            #expect(result.exitCode == 4, "\(result.output)")
            #expect(result.failures.count == 1)
            #expect(
                result.failures.first?.contains("giving up") == true
                    || result.failures.first?.contains("before it served") == true, "\(result.output)")
        }

        /// The daemon's child that runs the target, if it is up.
        private func machineParent(of daemon: FuzzdProcess) -> Int32? {
            ProcessList.children(of: daemon.processID)
                .first { ProcessList.name($0) == "puzzle-target" && ProcessList.isAlive($0) }
        }
    }
}
