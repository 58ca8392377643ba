import ForkServer

/// Whether inputs do in any order what they do under fork (`fuzzd compare --orders`): the same edges, equally often, and the
/// same outcome.
package struct OrderComparison: Codable, Sendable, Equatable {
    package var orders: Int
    package var seed: UInt64
    /// Inputs that do not do the same under fork in every order: nothing can be said of them, and they are left out.
    package var unsteadyInputs: [String]
    /// In the order of the strategies, then by name, then by order.
    package var differences: [OrderDifference]
    /// Strategies that were compared with fork.
    package var strategies: [ResetStrategy]

    /// Pure: the same runs give the same comparison.
    package init(orders: Int, seed: UInt64, strategies: [ResetStrategy], runs: [OrderedRun]) {
        self.orders = orders
        self.seed = seed
        self.strategies = strategies.filter { $0 != .fork }
        var references: [String: [Int: OrderedRun]] = [:]
        for run in runs where run.strategy == .fork { references[run.fileName, default: [:]][run.order] = run }
        let unsteady = Set(
            references.filter { _, runs in runs.values.contains { !$0.didTheSame(as: runs[runs.keys.min() ?? 0]) } }.keys)
        unsteadyInputs = unsteady.sorted()
        differences = self.strategies.flatMap { strategy in
            runs.filter { $0.strategy == strategy && !unsteady.contains($0.fileName) }
                .sorted { ($0.fileName, $0.order) < ($1.fileName, $1.order) }
                .compactMap { OrderDifference($0, fork: references[$0.fileName]?[$0.order]) }
        }
    }

    /// For the end of the table.
    package var lines: [String] {
        let inOrders = "in \(SummaryText.plural(orders, "shuffled order")) (seed \(seed))"
        var lines: [String] = []
        if !unsteadyInputs.isEmpty {
            lines.append(
                "fork: \(SummaryText.plural(unsteadyInputs.count, "input")) left out, which did not do the same \(inOrders)")
        }
        for strategy in strategies {
            let own = differences.filter { $0.strategy == strategy }
            guard !own.isEmpty else {
                lines.append("\(strategy.rawValue): \(inOrders) every input has the edges, counts and outcome that it has under fork")
                continue
            }
            lines.append("\(strategy.rawValue): \(inOrders) \(SummaryText.plural(own.count, "run")) differed from fork")
            lines += own.prefix(CompareTable.listedDifferences).map { "  \($0.text)" }
            let rest = own.count - CompareTable.listedDifferences
            if rest > 0 { lines.append("  and \(rest) more; --json lists all") }
        }
        return lines
    }
}

/// What one input did under one strategy in one order.
package struct OrderedRun: Sendable, Equatable {
    package var strategy: ResetStrategy
    package var order: Int
    package var fileName: String
    /// Edge and count, as the target tells them, ascending.
    package var counters: [UInt32]
    package var outcome: String

    package init(strategy: ResetStrategy, order: Int, fileName: String, counters: [UInt32], outcome: String) {
        self.strategy = strategy
        self.order = order
        self.fileName = fileName
        self.counters = counters
        self.outcome = outcome
    }

    func didTheSame(as other: OrderedRun?) -> Bool { counters == other?.counters && outcome == other?.outcome }
}

/// A run that differed from the one under fork in the same order.
package struct OrderDifference: Codable, Sendable, Equatable {
    package var strategy: ResetStrategy
    package var fileName: String
    package var order: Int
    package var edgesOnlyInFork: Int
    package var edgesOnlyInOther: Int
    /// Edges that both reached, and not equally often.
    package var countsThatDiffer: Int
    package var outcomeUnderFork: String
    package var outcomeUnderOther: String

    init?(_ run: OrderedRun, fork: OrderedRun?) {
        guard let fork, !run.didTheSame(as: fork) else { return nil }
        let before = Dictionary(fork.counters.map { ($0 >> 8, $0 & 255) }, uniquingKeysWith: max)
        let after = Dictionary(run.counters.map { ($0 >> 8, $0 & 255) }, uniquingKeysWith: max)
        strategy = run.strategy
        fileName = run.fileName
        order = run.order
        edgesOnlyInFork = before.keys.count { after[$0] == nil }
        edgesOnlyInOther = after.keys.count { before[$0] == nil }
        countsThatDiffer = before.count { after[$0.key] != nil && after[$0.key] != $0.value }
        outcomeUnderFork = fork.outcome
        outcomeUnderOther = run.outcome
    }

    var text: String {
        let outcome = outcomeUnderFork == outcomeUnderOther ? outcomeUnderFork : "\(outcomeUnderFork) -> \(outcomeUnderOther)"
        return TerminalText.sanitised(fileName) + ", order \(order): \(edgesOnlyInFork) edges only in fork, "
            + "\(edgesOnlyInOther) only here, \(countsThatDiffer) other counts; \(TerminalText.sanitised(outcome))"
    }
}
