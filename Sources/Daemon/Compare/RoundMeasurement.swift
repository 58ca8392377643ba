/// One pass over the whole corpus under one strategy, as the runner of `fuzzd compare` measured it.
package struct RoundMeasurement: Codable, Sendable, Equatable {
    package var strategy: ResetStrategy
    /// From 0; rounds of the strategies alternate.
    package var round: Int
    package var executions: UInt64
    package var operations: UInt64
    /// Wall time of the pass, without start-up of the machine.
    package var elapsedNanoseconds: UInt64
    /// Where that time went.
    package var time: TimeShares

    package init(
        strategy: ResetStrategy, round: Int, executions: UInt64, operations: UInt64,
        elapsedNanoseconds: UInt64, time: TimeShares
    ) {
        self.strategy = strategy
        self.round = round
        self.executions = executions
        self.operations = operations
        self.elapsedNanoseconds = elapsedNanoseconds
        self.time = time
    }
}

/// What one input did under one strategy, in that strategy's first round.
package struct InputMeasurement: Sendable, Equatable {
    package var strategy: ResetStrategy
    package var fileName: String
    /// Edges that were reached, ascending and without repetition.
    package var edges: [UInt32]
    /// How the execution ended, such as `passed` or `crashed: SIGSEGV in f`.
    package var outcome: String

    package init(strategy: ResetStrategy, fileName: String, edges: [UInt32], outcome: String) {
        self.strategy = strategy
        self.fileName = fileName
        self.edges = edges
        self.outcome = outcome
    }
}
