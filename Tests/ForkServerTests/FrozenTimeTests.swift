import ForkServer
import Fuzzing
import Testing

/// What an input sees of time and randomness: the puzzle puts all of it into its output and its coverage.
@Suite("Frozen time", .serialized)
struct FrozenTimeTests {
    @Test(arguments: [ResetStrategy.fork, .snapshot])
    func everyInputSeesTheSameMoment(strategy: ResetStrategy) throws {
        let session = try TargetSession { $0.strategy = strategy }
        let first = try session.run("z")
        #expect(first.verdict.kind == .passed)
        for input in ["x", "Z", "z", "kg", "z", "A", "z"] {
            let result = try session.run(input)
            guard input == "z" else { continue }
            #expect(result.counters == first.counters)
            #expect(result.verdict.output == first.verdict.output)
        }
    }

    @Test func workersSeeTheSameMoment() throws {
        let session = try TargetSession { $0.workers = 2 }
        let first = try session.run(ExecutionRequest(input: Array("z".utf8)), worker: 0)
        let second = try session.run(ExecutionRequest(input: Array("z".utf8)), worker: 1)
        #expect(first.verdict.output == second.verdict.output)
        #expect(first.verdict.output.count > 200)
    }

    @Test(arguments: [ResetStrategy.fork, .snapshot])
    func timeIsRealWhereTheConfigSaysSo(strategy: ResetStrategy) throws {
        let session = try TargetSession {
            $0.strategy = strategy
            $0.freezesTime = false
        }
        let seen = try (0..<5).map { _ in try session.run("z").counters }
        #expect(Set(seen).count > 1)
    }

    /// Loops that wait for a moment come to their end, whether they sleep, poll, or only look.
    @Test(arguments: [ResetStrategy.fork, .snapshot])
    func waitingLoopsEnd(strategy: ResetStrategy) throws {
        let session = try TargetSession { $0.strategy = strategy }
        for _ in 0..<2 { #expect(try session.run("Z").verdict.kind == .passed) }
    }
}
