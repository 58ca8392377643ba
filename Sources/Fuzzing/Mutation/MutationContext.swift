/// What a mutation may use besides the input: randomness, the size limit, other inputs and words.
///
/// Owned by `Mutator`; the engine sets partner and comparisons before each chain. A family returns false and
/// leaves the input as it is when it does not apply; true when it changed it (perhaps to equal bytes). The
/// result never exceeds `max(maxSizeBytes, size before)` and is never empty.
package struct MutationContext: Sendable {
    package var random: RandomSource
    /// Mutants are no longer than this.
    package var maxSizeBytes: Int
    /// Another corpus entry, for cross-over; may be empty.
    package var crossOverPartner: [UInt8] = []
    /// Words that the user gave.
    package var manualDictionary: [[UInt8]] = []
    /// Words that led to new coverage before.
    package var persistentDictionary = PersistentAutoDictionary()
    /// Comparisons that the mutated entry was seen to make.
    package var comparisons: [Comparison] = []
    /// Comparisons that any entry made lately.
    package var recentComparisons = RecentComparisons()
    /// Words that the mutated entry was seen to compare, and those that any entry compared lately.
    package var wordComparisons: [WordComparison] = []
    package var recentWords = RecentWords()
    /// Words used since the chain of mutations began (`DE:` in the log).
    package var usedWords: [[UInt8]] = []

    package init(random: RandomSource, maxSizeBytes: Int) {
        self.random = random
        self.maxSizeBytes = maxSizeBytes
    }

    /// A byte that is either uniform or one that parsers care about.
    mutating func interestingByte() -> UInt8 {
        if random.coin() { return random.byte() }
        return Self.specialBytes[random.below(Self.specialBytes.count)]
    }

    private static let specialBytes: [UInt8] = Array("!*'();:@&=+$,/?%#[]012Az-`~.".utf8) + [0xFF, 0x00]
}
