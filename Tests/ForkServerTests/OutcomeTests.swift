import ForkServer
import Fuzzing
import Glibc
import Testing

@Suite("What a child does is a verdict", .serialized)
struct OutcomeTests {
    @Test(arguments: [ResetStrategy.fork, .snapshot, .reboot, .none])
    func everyWayToEnd(strategy: ResetStrategy) throws {
        let session = try TargetSession { $0.strategy = strategy }
        #expect(try session.run("x").verdict.kind == .passed)
        #expect(try session.run("R").verdict.kind == .rejected)
        let trap = try session.run("T").verdict
        #expect(trap.kind == .signalled)
        #expect(trap.crash != nil)
        let abort = try session.run("A").verdict
        #expect(abort.kind == .signalled && abort.signal == SIGABRT)
        let fault = try session.run("V").verdict
        #expect(fault.signal == SIGSEGV)
        #expect(fault.crash?.faultAddress == 0x10)
        let early = try session.run("X").verdict
        #expect(early.kind == .exited && early.exitCode == 3)
        #expect(try session.run("K").verdict.signal == SIGKILL)
        #expect(try session.run("x").verdict.kind == .passed)
        #expect(session.leftovers().count <= (strategy == .fork ? 0 : 1))
    }

    @Test(arguments: [ResetStrategy.fork, .snapshot, .reboot, .none])
    func aProcessThatTheHarnessForkedFails(strategy: ResetStrategy) throws {
        let session = try TargetSession { $0.strategy = strategy }
        for _ in 0..<3 {
            let verdict = try session.run("F").verdict
            #expect(verdict.kind == .signalled && verdict.signal == SIGSEGV, "\(strategy): \(verdict.kind)")
            #expect(verdict.crash?.faultAddress == 0x10 && verdict.crash?.frames.isEmpty == false)
            #expect(try session.run("x").verdict.kind == .passed)
        }
    }

    @Test func coverageIsThereHoweverTheChildDied() throws {
        let session = try TargetSession()
        let idle = try session.run("x").counters
        for ending in ["X", "T", "A", "K", "V"] {
            let counters = try session.run(ending).counters
            #expect(!counters.isEmpty, "no coverage of \(ending)")
            #expect(Set(counters.map { $0 >> 8 }) != Set(idle.map { $0 >> 8 }), "\(ending) has edges of its own")
        }
        #expect(try session.run("x").counters == idle, "what a child counted reached the next one")
    }

    @Test func aSwiftTrapBringsItsMessageAndItsStack() throws {
        let session = try TargetSession()
        let verdict = try session.run("cash").verdict
        #expect(verdict.kind == .signalled)
        #expect(String(decoding: verdict.output, as: UTF8.self).contains("the puzzle is solved"))
        let record = try #require(verdict.crash)
        let symbolizer = Symbolizer(modules: try #require(session.server.modules))
        let frames = symbolizer.frames(of: record)
        #expect(frames.contains { $0.function?.contains("magic") == true }, "\(frames)")
        let signature = symbolizer.signature(signal: verdict.signal, frames: frames)
        #expect(signature == symbolizer.signature(signal: verdict.signal, frames: frames))
        #expect(!signature.contains("libc.so"), "\(signature)")
        // The runtime is part of the program: its functions are told by name.
        #expect(!signature.contains(":Swift."), "\(signature)")
        #expect(!signature.contains("_assertionFailure"), "\(signature)")
    }

    @Test func comparisonsComeOnlyWhenAsked() throws {
        let session = try TargetSession()
        #expect(try session.run("cab").comparisons.isEmpty)
        let asked = try session.run(ExecutionRequest(input: Array("cab!".utf8), collectsComparisons: true))
        #expect(!asked.comparisons.isEmpty)
    }

    @Test func theHarnessCrossesOver() throws {
        let session = try TargetSession()
        let request = ExecutionRequest(input: Array("ca".utf8), crossOverPartner: Array("sh".utf8))
        let result = try session.run(request)
        #expect(result.executedInput == Array("cash".utf8))
        #expect(result.verdict.kind == .signalled)
    }

    @Test func everyChildIsFreshUnderForkOnly() throws {
        let fork = try TargetSession()
        for _ in 0..<20 { #expect(try fork.run("s").verdict.kind == .passed) }
        let reboot = try TargetSession { $0.strategy = .reboot }
        for _ in 0..<5 { #expect(try reboot.run("s").verdict.kind == .passed) }
        let none = try TargetSession { $0.strategy = .none }
        #expect(try none.run("s").verdict.kind == .passed)
        #expect(try none.run("s").verdict.kind == .signalled)
    }

    @Test func neighboursOfTheCountersDoNotLeak() throws {
        let session = try TargetSession()
        // Rejected would mean: a dirty neighbour, or none on the counters' pages, and then this test tests nothing.
        for _ in 0..<10 { #expect(try session.run("n").verdict.kind == .passed) }
    }
}
