/// Number of a corpus entry, from 1 in the order of arrival; 0 names none. Stays with the entry when it is
/// reduced.
package typealias CorpusEntryID = UInt32

/// How often executions of one entry's mutants showed a feature.
struct LocalFrequency: Sendable {
    var feature: Feature
    var count: UInt32
}

/// An input that the campaign keeps, and what the schedule knows about it. Owned by `Corpus`.
package struct CorpusEntry: Sendable {
    package let id: CorpusEntryID
    /// The input; empty once the entry was evicted.
    package internal(set) var bytes: [UInt8]
    /// Features that were claimed when the entry arrived, ascending; some may have moved to smaller entries
    /// since.
    package internal(set) var claimedFeatures: [Feature]
    /// Features that it owns now; 0 means evicted.
    package internal(set) var ownedFeatureCount: Int
    /// The input's own running time.
    package internal(set) var durationNanoseconds: UInt64
    /// Mutants that were made from it.
    package internal(set) var mutationCount: UInt64 = 0
    /// Mutants that entered the corpus, or replaced this entry.
    package internal(set) var successCount: UInt64 = 0
    /// Times it was replaced by a smaller version of itself.
    package internal(set) var reductionCount: UInt64 = 0
    /// Comparisons that it was seen to make; for the `CMP` mutation.
    package internal(set) var comparisons: [Comparison] = []
    /// Words that it was seen to compare.
    package internal(set) var wordComparisons: [WordComparison] = []

    /// Energy of the entropic schedule; see `EntropicSchedule`.
    var energy = 0.0
    var sumIncidence = 0.0
    var needsEnergyUpdate = false
    /// Rare features that its mutants showed, ascending.
    var localFrequencies: [LocalFrequency] = []

    /// A seed that stays whatever it shows, as it is.
    package internal(set) var isKept = false

    package var isEvicted: Bool { ownedFeatureCount == 0 && !isKept }

    init(
        id: CorpusEntryID, bytes: [UInt8], claimedFeatures: [Feature], durationNanoseconds: UInt64
    ) {
        self.id = id
        self.bytes = bytes
        self.claimedFeatures = claimedFeatures
        self.ownedFeatureCount = claimedFeatures.count
        self.durationNanoseconds = durationNanoseconds
    }

    /// Adds one sighting of each of `features`, which ascend.
    mutating func countLocally(_ features: [Feature]) {
        var missing: [Feature] = []
        var position = 0
        let known = localFrequencies.count
        for feature in features {
            while position < known && localFrequencies[position].feature < feature { position += 1 }
            if position < known && localFrequencies[position].feature == feature {
                localFrequencies[position].count &+= 1
            } else {
                missing.append(feature)
            }
        }
        if missing.isEmpty { return }
        localFrequencies.append(contentsOf: missing.map { LocalFrequency(feature: $0, count: 1) })
        localFrequencies.sort { $0.feature < $1.feature }
    }
}
