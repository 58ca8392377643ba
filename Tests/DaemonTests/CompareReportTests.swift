import Daemon
import ForkServer
import Foundation
import Testing

@Suite struct CompareReportTests {
    static func report() -> CompareReport {
        // Three rounds: the strategies differ by a factor, the rounds by a few percent.
        let speeds: [(ResetStrategy, UInt64)] = [(.fork, 100_000), (.reboot, 250_000), (.none, 20_000)]
        var rounds: [RoundMeasurement] = []
        for round in 0..<3 {
            for (strategy, nanoseconds) in speeds {
                let perInput = nanoseconds + UInt64(round) * nanoseconds / 20
                var time = TimeShares()
                time.forkNanoseconds = strategy == .fork ? perInput * 1000 * 4 / 10 : 0
                time.childNanoseconds = perInput * 1000 / 2
                time.reapingNanoseconds = strategy == .fork ? perInput * 1000 / 20 : 0
                time.handOverNanoseconds = perInput * 1000 / 20
                rounds.append(
                    RoundMeasurement(
                        strategy: strategy, round: round, executions: 1000, operations: 25_000,
                        elapsedNanoseconds: perInput * 1000, time: time))
            }
        }
        let inputs = [
            InputMeasurement(strategy: .fork, fileName: "b", edges: [1, 2, 3], outcome: "passed"),
            InputMeasurement(strategy: .fork, fileName: "a<i>", edges: [5], outcome: "passed"),
            InputMeasurement(strategy: .reboot, fileName: "b", edges: [1, 2, 3], outcome: "passed"),
            InputMeasurement(strategy: .reboot, fileName: "a<i>", edges: [5], outcome: "passed"),
            InputMeasurement(strategy: .none, fileName: "b", edges: [1, 3, 7, 9], outcome: "passed"),
            InputMeasurement(strategy: .none, fileName: "a<i>", edges: [5], outcome: "crashed: SIGSEGV in f"),
            InputMeasurement(strategy: .none, fileName: "unknown", edges: [], outcome: "passed"),
        ]
        return CompareReport(
            subject: CompareSubject(
                campaign: "virtio-blk", configPath: "configs/virtio-blk.yaml", harness: "virtio-blk",
                corpusDirectories: ["corpus"], inputCount: 1000, rounds: 3),
            rounds: rounds, inputs: inputs)
    }

    @Test func ratesRatiosAndPhases() throws {
        let report = Self.report()
        #expect(report.strategies.map(\.strategy) == [.fork, .reboot, .none])
        let fork = try #require(report.strategies.first)
        #expect(abs(fork.executionsPerSecond.median - 1e9 / 105_000) < 0.01)
        #expect(abs(fork.executionsPerSecond.maximum - 10_000) < 0.01)
        #expect(abs(fork.operationsPerSecond.maximum - 250_000) < 0.01)
        #expect(fork.ratioToFork == 1)
        #expect(abs((report.strategies[2].ratioToFork ?? 0) - 5) < 0.001)
        #expect(abs(fork.perInput.forkNanoseconds - 42_000) < 1)
    }

    @Test func differencesNameInputAndEdges() {
        #expect(
            Self.report().differences == [
                difference("a<i>", 0, 0, "crashed: SIGSEGV in f"), difference("b", 1, 2, "passed"),
            ])
    }

    @Test func theTable() {
        #expect(
            CompareTable.lines(Self.report()).joined(separator: "\n") == """
                virtio-blk (virtio-blk): 1,000 inputs, 3 rounds a strategy, alternating

                strategy  exec/s  lowest  highest  to fork  operations/s  lowest  highest
                fork       9.52k   9.09k    10.0k     1.00          238k    227k     250k
                reboot     3.81k   3.64k    4.00k     0.40         95.2k   90.9k     100k
                none       47.6k   45.5k    50.0k     5.00         1.19M   1.14M    1.25M

                time an input (median), and its share
                strategy     fork            child          reaping         hand-over
                fork      42.0 us  40.0 %  52.5 us  50.0 %  5.25 us  5.0 %    5.25 us  5.0 %
                reboot       0 ns   0.0 %   131 us  90.9 %     0 ns  0.0 %    13.1 us  9.1 %
                none         0 ns   0.0 %  10.5 us  90.9 %     0 ns  0.0 %    1.05 us  9.1 %

                reboot: every input covers what it covers under fork
                none: inputs that behave otherwise than under fork: 2 of 1000
                  input  only in fork  only in none  outcome
                  a<i>              0             0  passed -> crashed: SIGSEGV in f
                  b                 1             2  passed
                """)
    }

    @Test func replacedRunnersAreNamed() {
        let report = CompareReport(
            subject: Self.report().subject,
            rounds: [
                RoundMeasurement(
                    strategy: .snapshot, round: 0, executions: 1, operations: 1, elapsedNanoseconds: 1, time: TimeShares())
            ], inputs: [],
            replacedRunners: [.snapshot: ReplacedRunners(count: 1, causes: ["signals"]), .fork: ReplacedRunners()])
        let note = "snapshot: replaced 1 runner, because inputs changed signals"
        #expect(CompareTable.lines(report).last == note)
        #expect(report.html.contains("<p>\(note)</p>"))
        #expect(Self.report().strategies.allSatisfy { $0.replacedRunners == nil })
    }

    @Test func jsonComesBackAsItWas() throws {
        let report = Self.report()
        let text = try CompareTable.json(report)
        #expect(try JSONDecoder().decode(CompareReport.self, from: Data(text.utf8)) == report)
        #expect(text == (try CompareTable.json(report)))
    }

    @Test func withoutForkThereIsNoRatio() {
        let report = CompareReport(
            subject: Self.report().subject,
            rounds: [
                RoundMeasurement(
                    strategy: .reboot, round: 0, executions: 0, operations: 0, elapsedNanoseconds: 0,
                    time: TimeShares())
            ], inputs: [])
        #expect(report.strategies.first?.ratioToFork == nil)
        #expect(report.strategies.first?.executionsPerSecond.median == 0)
        #expect(CompareTable.lines(report).contains { $0.hasPrefix("reboot") })
    }

    @Test(
        arguments: [
            ([], 0.0, 0.0, 0.0), ([3], 3, 3, 3), ([3, 1], 2, 1, 3), ([9, 1, 5], 5, 1, 9),
        ] as [([Double], Double, Double, Double)])
    func spread(values: [Double], median: Double, minimum: Double, maximum: Double) {
        let spread = Spread(values)
        #expect(spread.median == median && spread.minimum == minimum && spread.maximum == maximum)
    }

    private func difference(_ name: String, _ fork: Int, _ other: Int, _ outcome: String) -> InputDifference {
        InputDifference(
            strategy: .none, fileName: name, edgesOnlyInFork: fork, edgesOnlyInOther: other,
            outcomeUnderFork: "passed", outcomeUnderOther: outcome)
    }
}
