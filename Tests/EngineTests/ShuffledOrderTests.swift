import ForkServer
import Fuzzing
import Glibc
import Testing

/// Fork is the reference: in whatever order inputs come, each does what it does under fork.
@Suite("Snapshot: the order of inputs does not matter", .serialized)
struct ShuffledOrderTests {
    private static let inputCount = 250
    private static let orders = 3

    private struct Behaviour: Equatable {
        var kind: Verdict.Kind
        var signal: Int32
        var counters: [UInt32]
    }

    @Test func ofACHarness() throws {
        let program = try Toolchain.harness("stateful.c")
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = RandomSource(seed: seed)
        let inputs = (0..<Self.inputCount).map { _ in
            (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let fork = try EngineSession(program)
        let snapshot = try EngineSession(program) { $0.strategy = .snapshot }
        try #require(snapshot.server.snapshotRefusal == nil, "this would test fork")
        let none = try EngineSession(program) { $0.strategy = .none }
        let reference = try inputs.map { try Self.behaviour(of: $0, fork) }
        var differencesWithoutReset = 0
        for order in 0..<Self.orders {
            for index in inputs.indices.shuffled(using: &random) {
                let found = try Self.behaviour(of: inputs[index], snapshot)
                try #require(found == reference[index], "input \(index), order \(order), seed \(seed)")
                let underFork = try Self.behaviour(of: inputs[index], fork)
                #expect(underFork == reference[index], "input \(index), order \(order), seed \(seed)")
                if order == 0, try Self.behaviour(of: inputs[index], none) != reference[index] { differencesWithoutReset += 1 }
            }
        }
        #expect(differencesWithoutReset > Self.inputCount / 4, "the harness keeps no state: it proves nothing, seed \(seed)")
        #expect(snapshot.server.snapshotAbandonment == nil)
    }

    private static func behaviour(of input: [UInt8], _ session: EngineSession) throws -> Behaviour {
        let result = try session.run(ExecutionRequest(input: input))
        return Behaviour(kind: result.verdict.kind, signal: result.verdict.signal, counters: result.counters)
    }
}
