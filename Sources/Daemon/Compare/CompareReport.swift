import ForkServer

/// The result of `fuzzd compare`: the reset strategies side by side on one corpus.
///
/// A value, made by `init(subject:rounds:inputs:)` from raw measurements and rendered as text, JSON or a
/// web page.
package struct CompareReport: Codable, Sendable, Equatable {
    package var subject: CompareSubject
    /// In the order in which strategies were first measured.
    package var strategies: [StrategyReport]
    /// Inputs whose coverage or outcome is not that under fork, in the order of the strategies, then by name.
    package var differences: [InputDifference]
    /// `nil` without `--orders`.
    package var orders: OrderComparison?

    /// Pure: the same measurements give the same report.
    package init(
        subject: CompareSubject, rounds: [RoundMeasurement], inputs: [InputMeasurement],
        replacedRunners: [ResetStrategy: ReplacedRunners] = [:]
    ) {
        self.subject = subject
        var order: [ResetStrategy] = []
        for round in rounds where !order.contains(round.strategy) { order.append(round.strategy) }
        strategies = order.map { strategy in
            StrategyReport(strategy: strategy, rounds: rounds.filter { $0.strategy == strategy })
        }
        for index in strategies.indices {
            strategies[index].replacedRunners = replacedRunners[strategies[index].strategy].flatMap { $0.count > 0 ? $0 : nil }
        }
        let fork = strategies.first { $0.strategy == .fork }?.executionsPerSecond.median ?? 0
        for index in strategies.indices where fork > 0 {
            strategies[index].ratioToFork = strategies[index].executionsPerSecond.median / fork
        }
        differences = order.filter { $0 != .fork }
            .flatMap { InputDifference.list(of: $0, in: inputs) }
    }
}

/// What was measured.
package struct CompareSubject: Codable, Sendable, Equatable {
    package var campaign: String
    package var configPath: String
    package var harness: String
    package var corpusDirectories: [String]
    package var inputCount: Int
    package var rounds: Int

    package init(
        campaign: String, configPath: String, harness: String, corpusDirectories: [String],
        inputCount: Int, rounds: Int
    ) {
        self.campaign = campaign
        self.configPath = configPath
        self.harness = harness
        self.corpusDirectories = corpusDirectories
        self.inputCount = inputCount
        self.rounds = rounds
    }
}

/// One strategy's row.
package struct StrategyReport: Codable, Sendable, Equatable {
    package var strategy: ResetStrategy
    package var executionsPerSecond: Spread
    package var operationsPerSecond: Spread
    /// Median speed against fork's; `nil` where fork was not measured.
    package var ratioToFork: Double?
    /// Medians over the rounds, per input.
    package var perInput: PhaseTimes
    /// Runners that inputs' changes made unusable in all rounds; `nil` where none was.
    package var replacedRunners: ReplacedRunners?

    init(strategy: ResetStrategy, rounds: [RoundMeasurement]) {
        self.strategy = strategy
        let rate = { (count: UInt64, round: RoundMeasurement) in
            round.elapsedNanoseconds > 0 ? Double(count) * 1e9 / Double(round.elapsedNanoseconds) : 0
        }
        executionsPerSecond = Spread(rounds.map { rate($0.executions, $0) })
        operationsPerSecond = Spread(rounds.map { rate($0.operations, $0) })
        ratioToFork = nil
        perInput = PhaseTimes(rounds: rounds)
    }
}

/// Where the time of an input goes, in nanoseconds an input.
package struct PhaseTimes: Codable, Sendable, Equatable {
    package var forkNanoseconds: Double
    package var childNanoseconds: Double
    package var reapingNanoseconds: Double
    package var handOverNanoseconds: Double

    init(rounds: [RoundMeasurement]) {
        let median = { (phase: KeyPath<TimeShares, UInt64>) in
            Spread(
                rounds.filter { $0.executions > 0 }
                    .map { Double($0.time[keyPath: phase]) / Double($0.executions) }
            ).median
        }
        forkNanoseconds = median(\.forkNanoseconds)
        childNanoseconds = median(\.childNanoseconds)
        reapingNanoseconds = median(\.reapingNanoseconds)
        handOverNanoseconds = median(\.handOverNanoseconds)
    }

    /// Name and nanoseconds of each phase, in the order in which they happen.
    package var phases: [(name: String, nanoseconds: Double)] {
        [
            ("fork", forkNanoseconds), ("child", childNanoseconds), ("reaping", reapingNanoseconds),
            ("hand-over", handOverNanoseconds),
        ]
    }

    package var totalNanoseconds: Double {
        forkNanoseconds + childNanoseconds + reapingNanoseconds + handOverNanoseconds
    }
}
