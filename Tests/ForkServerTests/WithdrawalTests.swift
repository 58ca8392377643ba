import ForkServer
import Fuzzing
import Testing

/// Inputs that nobody wants to know about any more.
@Suite("Withdrawn inputs", .serialized)
struct WithdrawalTests {
    private struct Seen {
        var isWithdrawn: Bool
        var verdict: Verdict
        var hasCounters: Bool
    }

    private func verdicts(_ count: Int, _ server: ForkServer) throws -> [Seen] {
        var seen: [Seen] = []
        while seen.count < count {
            let isTaken = server.takeVerdict(worker: 0) { _, verdict, counters, _, _ in
                seen.append(Seen(isWithdrawn: verdict.isWithdrawn, verdict: verdict, hasCounters: !counters.isEmpty))
            }
            if !isTaken { try server.wait(timeoutMilliseconds: 20_000) }
        }
        return seen
    }

    private func submit(_ text: String, needsPass: Bool = false, _ server: ForkServer) -> ExecutionSequence {
        server.submit(ExecutionRequest(input: Array(text.utf8), needsPass: needsPass), to: 0)
    }

    /// The first hangs until its limit, so that the others are withdrawn before their turn.
    @Test(arguments: [ForkAheadPolicy.never, .always]) func whatHasNotBegunDoesNotRun(policy: ForkAheadPolicy) throws {
        let session = try TargetSession {
            $0.forkAhead = policy
            $0.limits.inputTimeoutMicroseconds = 300_000
        }
        let server = session.server
        for round in 1...3 {
            _ = submit("L", server)
            let unwanted = ["cash", "A"].map { submit($0, server) }
            _ = submit("x", server)
            _ = submit("A", server)
            for sequence in unwanted { server.withdraw(sequence, of: 0) }
            let seen = try verdicts(5, server)
            #expect(seen.map(\.isWithdrawn) == [false, true, true, false, false], "round \(round)")
            #expect(seen[0].verdict.kind == .inputTimeout)
            #expect(seen[1...2].allSatisfy { !$0.hasCounters && $0.verdict.crash == nil && $0.verdict.output.isEmpty })
            #expect(seen[3].verdict.kind == .passed && seen[3].hasCounters)
            #expect(seen[4].verdict.signal == 6 && seen[4].verdict.crash != nil)
        }
    }

    @Test(arguments: [ForkAheadPolicy.never, .always]) func whatNeedsAPassIsLeftOutBehindACrash(policy: ForkAheadPolicy) throws {
        let server = try TargetSession { $0.forkAhead = policy }.server
        let inputs: [(text: String, needsPass: Bool)] = [
            ("x", true), ("A", true), ("x", true), ("cash", true), ("x", false), ("R", true), ("x", true),
        ]
        for input in inputs { _ = submit(input.text, needsPass: input.needsPass, server) }
        let seen = try verdicts(inputs.count, server)
        #expect(seen.map(\.isWithdrawn) == [false, false, true, true, false, false, false])
        #expect(seen.map(\.verdict.kind) == [.passed, .signalled, .forkFailed, .forkFailed, .passed, .rejected, .passed])
    }
}
