import Daemon
import ForkServer
import Testing

@Suite struct OrderComparisonTests {
    private static func run(
        _ strategy: ResetStrategy, _ order: Int, _ name: String, _ counters: [UInt32], _ outcome: String = "passed"
    ) -> OrderedRun {
        OrderedRun(strategy: strategy, order: order, fileName: name, counters: counters, outcome: outcome)
    }

    private static func comparison(_ runs: [OrderedRun]) -> OrderComparison {
        OrderComparison(orders: 2, seed: 7, strategies: [.fork, .snapshot], runs: runs)
    }

    @Test func allAlike() {
        let runs = [ResetStrategy.fork, .snapshot].flatMap { strategy in
            (0..<2).map { Self.run(strategy, $0, "a", [0x101, 0x203]) }
        }
        let result = Self.comparison(runs)
        #expect(result.differences.isEmpty && result.unsteadyInputs.isEmpty)
        #expect(
            result.lines == [
                "snapshot: in 2 shuffled orders (seed 7) every input has the edges, counts and outcome that it has under fork"
            ])
    }

    @Test func edgesCountsAndOutcomesAreTold() throws {
        let result = Self.comparison([
            Self.run(.fork, 0, "a", [0x101, 0x203, 0x301]), Self.run(.fork, 1, "a", [0x101, 0x203, 0x301]),
            Self.run(.snapshot, 0, "a", [0x101, 0x203, 0x301]),
            Self.run(.snapshot, 1, "a", [0x101, 0x204, 0x401], "timeout"),
        ])
        let difference = try #require(result.differences.first)
        #expect(result.differences.count == 1 && difference.order == 1)
        #expect(difference.edgesOnlyInFork == 1 && difference.edgesOnlyInOther == 1 && difference.countsThatDiffer == 1)
        #expect(
            result.lines == [
                "snapshot: in 2 shuffled orders (seed 7) 1 run differed from fork",
                "  a, order 1: 1 edges only in fork, 1 only here, 1 other counts; passed -> timeout",
            ])
    }

    @Test func whatIsUnsteadyUnderForkIsLeftOut() {
        let result = Self.comparison([
            Self.run(.fork, 0, "a", [0x101]), Self.run(.fork, 1, "a", [0x102]),
            Self.run(.snapshot, 0, "a", [0x103]), Self.run(.snapshot, 1, "a", [0x101]),
            Self.run(.fork, 0, "b", [0x101]), Self.run(.fork, 1, "b", [0x101]),
            Self.run(.snapshot, 0, "b", [0x101]), Self.run(.snapshot, 1, "b", [0x101]),
        ])
        #expect(result.unsteadyInputs == ["a"] && result.differences.isEmpty)
        #expect(result.lines.first == "fork: 1 input left out, which did not do the same in 2 shuffled orders (seed 7)")
    }
}
