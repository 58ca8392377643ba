/// An input that behaves otherwise than under fork: state that a reset left behind.
package struct InputDifference: Codable, Sendable, Equatable {
    package var strategy: ResetStrategy
    package var fileName: String
    /// Edges reached under fork and not under this strategy.
    package var edgesOnlyInFork: Int
    /// Edges reached under this strategy and not under fork.
    package var edgesOnlyInOther: Int
    package var outcomeUnderFork: String
    package var outcomeUnderOther: String

    package init(
        strategy: ResetStrategy, fileName: String, edgesOnlyInFork: Int, edgesOnlyInOther: Int,
        outcomeUnderFork: String, outcomeUnderOther: String
    ) {
        self.strategy = strategy
        self.fileName = fileName
        self.edgesOnlyInFork = edgesOnlyInFork
        self.edgesOnlyInOther = edgesOnlyInOther
        self.outcomeUnderFork = outcomeUnderFork
        self.outcomeUnderOther = outcomeUnderOther
    }

    /// The inputs of `strategy` that differ, by name. An input that fork did not run is left out.
    static func list(
        of strategy: ResetStrategy, in inputs: [InputMeasurement]
    ) -> [InputDifference] {
        var byName: [String: InputMeasurement] = [:]
        for input in inputs where input.strategy == .fork { byName[input.fileName] = input }
        let others = inputs.filter { $0.strategy == strategy }.sorted { $0.fileName < $1.fileName }
        return others.compactMap { other in
            guard let fork = byName[other.fileName] else { return nil }
            let (onlyInFork, onlyInOther) = countOfOnlyIn(fork.edges, other.edges)
            guard onlyInFork + onlyInOther > 0 || fork.outcome != other.outcome else { return nil }
            return InputDifference(
                strategy: strategy, fileName: other.fileName, edgesOnlyInFork: onlyInFork,
                edgesOnlyInOther: onlyInOther, outcomeUnderFork: fork.outcome,
                outcomeUnderOther: other.outcome)
        }
    }

    /// Merges two ascending lists and counts what is in one of them only.
    private static func countOfOnlyIn(_ first: [UInt32], _ second: [UInt32]) -> (Int, Int) {
        var (i, j, onlyFirst, onlySecond) = (0, 0, 0, 0)
        while i < first.count && j < second.count {
            if first[i] == second[j] {
                i += 1
                j += 1
            } else if first[i] < second[j] {
                onlyFirst += 1
                i += 1
            } else {
                onlySecond += 1
                j += 1
            }
        }
        return (onlyFirst + first.count - i, onlySecond + second.count - j)
    }
}
