/// Counts what was seen, in a fixed number of counters chosen by a hash: two things that share one are seen as often as both together.
struct SightingCounters {
    private let limit: UInt8
    private var counts: [UInt8] = []
    private static let counterCount = 1 << 20

    init(limit: UInt8) { self.limit = limit }

    /// Counts one sighting; false when there were enough before.
    mutating func admits(_ hash: UInt64) -> Bool {
        if counts.isEmpty { counts = [UInt8](repeating: 0, count: Self.counterCount) }
        let place = Int((hash ^ hash >> 32) & UInt64(Self.counterCount - 1))
        guard counts[place] < limit else { return false }
        counts[place] += 1
        return true
    }
}

/// Which replacements were tried how often, over all inputs of a campaign: inputs grown from one another have much in common.
struct TrialMemory {
    /// Times that the same bytes are replaced by the same bytes.
    private var counters = SightingCounters(limit: 8)

    /// Counts the trial; false when it was tried often enough.
    mutating func admits(_ trial: ComparisonTrial, in input: [UInt8]) -> Bool {
        var hash = FNVHash()
        hash.add(trial.offsets.count > 1 ? 1 : 0 as UInt8)
        for index in trial.bytes.indices {
            hash.add(input[trial.offsets[0] + index])
            hash.add(trial.bytes[index])
        }
        return counters.admits(hash.value)
    }
}

/// Which comparisons had a part in how many turns: what is new in an entry is what its turn is about.
struct ComparisonMemory {
    private var counters = SightingCounters(limit: 8)

    mutating func admits(_ comparison: Comparison) -> Bool { counters.admits(comparison.fingerprint) }
}
