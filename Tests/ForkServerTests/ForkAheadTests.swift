import ForkServer
import Fuzzing
import Glibc
import Testing

@Suite("Children that are forked ahead", .serialized)
struct ForkAheadTests {
    private struct Seen: Equatable {
        var kind: Verdict.Kind
        var signal: Int32
        var output: [UInt8]
        var counters: [UInt32]
    }

    /// With the pipeline full, so that there is always a next input.
    private func run(_ inputs: [String], _ policy: ForkAheadPolicy) throws -> (seen: [Seen], ahead: UInt64) {
        let session = try TargetSession {
            $0.forkAhead = policy
            // What prints much takes its time on a busy host.
            $0.limits.inputTimeoutMicroseconds = 1_000_000
        }
        var seen: [Seen] = []
        var submitted = 0
        while seen.count < inputs.count {
            while submitted < inputs.count, session.server.hasRoom(worker: 0) {
                session.server.submit(ExecutionRequest(input: Array(inputs[submitted].utf8)), to: 0)
                submitted += 1
            }
            let isTaken = session.server.takeVerdict(worker: 0) { _, verdict, counters, _, _ in
                seen.append(
                    Seen(
                        kind: verdict.kind, signal: verdict.signal, output: Array(verdict.output), counters: Array(counters)))
            }
            if !isTaken { try session.server.wait(timeoutMilliseconds: 20_000) }
        }
        #expect(session.leftovers() == [])
        return (seen, session.server.inputsOfChildrenAhead)
    }

    @Test func theSameIsSeenAsWithout() throws {
        let letters = ["x", "s", "R", "T", "A", "V", "X", "K", "cas", "n", "f", "d", "W", "cash", "p", "ka", "D"]
        var random: UInt64 = 11
        var inputs: [String] = []
        for number in 0..<400 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            inputs.append(number % 100 == 50 ? "L" : letters[Int(random >> 33) % letters.count])
        }
        let without = try run(inputs, .never)
        let with = try run(inputs, .always)
        #expect(without.ahead == 0)
        #expect(with.ahead >= 380)
        for (number, pair) in zip(without.seen, with.seen).enumerated() {
            // How far processes came that are ended with their input is chance, without as well; how many descriptors a target
            // inherits depends on the tests that run beside this one.
            let isEqual = ["f", "d", "D"].contains(inputs[number]) ? pair.0.kind == pair.1.kind : pair.0 == pair.1
            #expect(isEqual, "input \(number), \(inputs[number]): \(pair)")
        }
    }

    @Test func aWaitingChildThatIsKilledIsNoInputsFault() throws {
        let session = try TargetSession { $0.forkAhead = .always }
        for _ in 0..<30 {
            #expect(try session.run("x").verdict.kind == .passed)
            let waiting = try #require(session.waitingChildren().first)
            kill(waiting, SIGKILL)
            let result = try session.run("s")
            #expect(result.verdict.kind == .passed && result.verdict.signal == 0)
            #expect(!result.counters.isEmpty)
        }
        #expect(session.leftovers() == [])
    }

    @Test func aWaitingChildThatIsStoppedCostsOneTimeout() throws {
        let session = try TargetSession {
            $0.forkAhead = .always
            $0.limits.inputTimeoutMicroseconds = 100_000
        }
        #expect(try session.run("x").verdict.kind == .passed)
        kill(try #require(session.waitingChildren().first), SIGSTOP)
        #expect(try session.run("x").verdict.kind == .inputTimeout)
        #expect(try session.run("x").verdict.kind == .passed)
        #expect(session.leftovers() == [])
    }

    @Test func aWaitingChildIsSparedWhenOthersAreEnded() throws {
        let session = try TargetSession { $0.forkAhead = .always }
        for letter in ["f", "d", "f", "d"] {
            let before = session.server.inputsOfChildrenAhead
            #expect(try session.run(letter).verdict.kind == .passed)
            #expect(try session.run("x").verdict.kind == .passed)
            #expect(session.server.inputsOfChildrenAhead >= before + 1)
            #expect(session.leftovers() == [])
        }
    }

    @Test func aWaitingChildEndsWithItsMachineParent() throws {
        let session = try TargetSession { $0.forkAhead = .always }
        #expect(try session.run("x").verdict.kind == .passed)
        let waiting = try #require(session.waitingChildren().first)
        kill(session.server.processID, SIGKILL)
        #expect(isGone(waiting))
    }

    @Test func aWaitingChildEndsWhenTheTargetIsStopped() throws {
        let session = try TargetSession {
            $0.forkAhead = .always
            $0.workers = 2
        }
        for worker in 0..<2 {
            #expect(try session.run(ExecutionRequest(input: Array("x".utf8)), worker: worker).verdict.kind == .passed)
        }
        let waiting = session.waitingChildren()
        #expect(waiting.count == 2)
        session.server.stop()
        for child in waiting { #expect(isGone(child)) }
    }

    @Test func sourceCoverageAndPolicyKeepChildrenFromBeingForkedAhead() throws {
        let never = try TargetSession { $0.forkAhead = .never }
        for _ in 0..<5 { #expect(try never.run("x").verdict.kind == .passed) }
        #expect(never.server.inputsOfChildrenAhead == 0)
        // As many workers as processors: automatically nothing is forked ahead.
        let busy = try TargetSession {
            $0.forkAhead = .automatic
            $0.workers = min(8, max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        }
        for _ in 0..<2000 { #expect(try busy.run("x").verdict.kind == .passed) }
        #expect(busy.server.inputsOfChildrenAhead == 0 || busy.server.workerCount < sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Zombies of a subreaper far up are gone too.
    private func isGone(_ process: Int32) -> Bool {
        for _ in 0..<500 {
            guard let entry = ProcessList.read(process), entry.state != "Z" else { return true }
            usleep(10_000)
        }
        return false
    }
}
