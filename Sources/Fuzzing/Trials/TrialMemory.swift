/// Which replacements were tried how often, over all inputs of a campaign: inputs grown from one another compare the same things.
///
/// A fixed number of counters, chosen by a hash: two replacements that share one are tried less often, never more.
struct TrialMemory {
    /// Times that the same bytes are replaced by the same bytes.
    static let maxTimes: UInt8 = 8
    private static let counterCount = 1 << 20
    private var counts: [UInt8] = []

    /// Counts the trial; false when it was tried often enough.
    mutating func admits(_ trial: ComparisonTrial, in input: [UInt8]) -> Bool {
        if counts.isEmpty { counts = [UInt8](repeating: 0, count: Self.counterCount) }
        var hash = FNVHash()
        hash.add(trial.offsets.count > 1 ? 1 : 0 as UInt8)
        for index in trial.bytes.indices {
            hash.add(input[trial.offsets[0] + index])
            hash.add(trial.bytes[index])
        }
        let place = Int((hash.value ^ hash.value >> 32) & UInt64(Self.counterCount - 1))
        guard counts[place] < Self.maxTimes else { return false }
        counts[place] += 1
        return true
    }
}
