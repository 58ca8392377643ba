import Daemon
import Foundation
import Testing

/// The launcher of `--detach`, with a shell in the place of the daemon.
@Suite struct CliBackgroundTests {
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "fuzzd-cli-" + UUID().uuidString
        try StateDirectory.create(at: directory)
    }

    private func launch(_ script: String) throws -> BackgroundLauncher.Launched {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try BackgroundLauncher.launch(
            executable: "/bin/sh", arguments: ["sh", "-c", script], logDirectory: directory)
    }

    @Test func aReadyDaemonLeadsItsOwnSessionAndLivesOn() throws {
        let launched = try launch("echo ready >&$FUZZD_READY_DESCRIPTOR; exec sleep 60")
        defer { kill(launched.processID, SIGKILL) }
        #expect(launched.isRunning)
        #expect(getsid(launched.processID) == launched.processID)
        #expect(kill(launched.processID, 0) == 0)
    }

    @Test func aDaemonThatFailsHandsOverItsCodeAndLastWord() throws {
        let failure = #expect(throws: CommandFailure.self) {
            try launch("echo some log; echo 'fuzzd: the corpus is busy' >&2; exit 7")
        }
        #expect(failure?.exitCode == .corpusBusy)
        #expect(failure?.message.hasPrefix("the daemon did not start: the corpus is busy (log: ") == true)
    }

    @Test func aDaemonKilledBeforeItWasUpIsAFailure() throws {
        let failure = #expect(throws: CommandFailure.self) { try launch("kill -9 $$") }
        #expect(failure?.exitCode == .failure)
    }

    @Test func oneThatHadNothingToDoIsNoFailure() throws {
        #expect(try launch("exit 0").isRunning == false)
    }

    @Test func anAbsentProgramIsOneLine() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let failure = #expect(throws: CommandFailure.self) {
            try BackgroundLauncher.launch(
                executable: "/nonexistent/fuzzd", arguments: ["fuzzd"], logDirectory: directory)
        }
        #expect(failure?.message == "cannot start in the background: No such file or directory")
    }

    @Test func theStateDirectoryFollowsTheEnvironment() {
        #expect(StateDirectory.path { ["XDG_STATE_HOME": "/s", "HOME": "/h"][$0] } == "/s/fuzzd")
        #expect(StateDirectory.path { ["XDG_STATE_HOME": "", "HOME": "/h"][$0] } == "/h/.local/state/fuzzd")
        #expect(StateDirectory.path { _ in nil }.hasPrefix("/tmp/fuzzd-"))
    }
}
