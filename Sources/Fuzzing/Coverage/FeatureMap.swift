/// What one scan of an execution's counters found; kept by the corpus and reused, so that nothing is
/// allocated for the executions that show nothing new.
package struct CoverageScan {
    /// Features that nobody has shown before, or (when the campaign shrinks) only bigger inputs.
    package var claimedFeatures: [Feature] = []
    /// Rare features that the execution showed, for the schedule; ascending.
    package var rareFeatures: [Feature] = []
    /// How many of the base entry's features were shown.
    package var baseFeatureCount = 0

    package init() {}
}

/// For every feature: the entry that owns it, the size of that entry, and how often it was seen.
///
/// One flat array indexed by feature, grown to the highest edge seen. Owned by `Corpus`; runs on its thread.
package struct FeatureMap {
    /// 12 bytes, so that one cache line answers everything about a feature.
    struct Record {
        /// Entry that owns the feature; 0 when it was never seen.
        var owner: CorpusEntryID = 0
        var smallestSizeBytes: UInt32 = 0
        /// Executions that showed it since it was found; stops at 65,535.
        var frequency: UInt16 = 0
        var isRare = false
    }

    private(set) var records: [Record] = []
    /// Edges at or above it are ignored: counters come from memory that the target can scribble on.
    private let maxEdges: UInt32
    /// Features that were seen at least once (`ft:`).
    package private(set) var featureCount = 0
    /// Edges that were seen at least once (`cov:`).
    package private(set) var edgeCount = 0
    /// Hit counts make features; otherwise an edge is one feature.
    private let usesCounters: Bool
    /// Edges that are features but do not count as coverage.
    private let featureOnlyEdges: [Range<UInt32>]
    /// Frequency of the most frequent rare feature; features above it need no look at their rareness.
    var mostFrequentRare: UInt16 = 0

    package init(maxEdges: Int, usesCounters: Bool = true, featureOnlyEdges: [Range<UInt32>] = []) {
        self.usesCounters = usesCounters
        self.featureOnlyEdges = featureOnlyEdges
        precondition(maxEdges > 0 && maxEdges <= 1 << 24, "an edge number has 24 bits")
        self.maxEdges = UInt32(maxEdges)
    }

    /// Reads the counters of one execution (`edge << 8 | hitCount`) and notes what is new to `scan`.
    ///
    /// Counts frequencies, claims nothing: the corpus decides first. `base` is the entry that was mutated, or
    /// 0.
    package mutating func scan(
        _ counters: UnsafeBufferPointer<UInt32>, sizeBytes: UInt32, base: CorpusEntryID, claimsSmaller: Bool,
        into scan: inout CoverageScan
    ) {
        scan.claimedFeatures.removeAll(keepingCapacity: true)
        scan.rareFeatures.removeAll(keepingCapacity: true)
        growToCover(counters)
        let limit = maxEdges
        let countMask: UInt8 = usesCounters ? 0xFF : 0
        var baseFeatureCount = 0
        let mostFrequent = mostFrequentRare
        var newMostFrequent = mostFrequent
        records.withUnsafeMutableBufferPointer { records in
            for counter in counters {
                let hitCount = UInt8(truncatingIfNeeded: counter)
                let edge = counter &>> 8
                if hitCount == 0 || edge >= limit { continue }
                let feature = HitCountBucket.feature(edge: edge, hitCount: hitCount & countMask | 1 & ~countMask)
                let index = Int(feature)
                let owner = records[index].owner
                if owner == 0 || (claimsSmaller && records[index].smallestSizeBytes > sizeBytes) {
                    scan.claimedFeatures.append(feature)
                    if owner == 0 { continue }
                }
                if owner == base { baseFeatureCount &+= 1 }
                let frequency = records[index].frequency
                if frequency == .max { continue }
                records[index].frequency = frequency &+ 1
                if frequency <= mostFrequent && records[index].isRare {
                    scan.rareFeatures.append(feature)
                    if frequency &+ 1 > newMostFrequent { newMostFrequent = frequency &+ 1 }
                }
            }
        }
        mostFrequentRare = newMostFrequent
        scan.baseFeatureCount = base == 0 ? 0 : baseFeatureCount
    }

    /// Makes `owner`, of `sizeBytes`, the owner of `feature`. Returns the owner it was taken from, 0 if it is
    /// new.
    mutating func claim(_ feature: Feature, owner: CorpusEntryID, sizeBytes: UInt32) -> CorpusEntryID {
        let index = Int(feature)
        let previous = records[index].owner
        if previous == 0 {
            featureCount += 1
            let first = index & ~(HitCountBucket.count - 1)
            let wasSeen = records[first..<first + HitCountBucket.count].contains { $0.owner != 0 }
            if !wasSeen && countsAsCoverage(UInt32(index / HitCountBucket.count)) { edgeCount += 1 }
            // Every new feature is rare until it was seen often.
            records[index].isRare = true
            records[index].frequency = 1
            mostFrequentRare = max(mostFrequentRare, 1)
        }
        records[index].owner = owner
        records[index].smallestSizeBytes = sizeBytes
        return previous
    }

    private func countsAsCoverage(_ edge: UInt32) -> Bool {
        !featureOnlyEdges.contains { $0.contains(edge) }
    }

    /// Notes that the owner of `feature` was replaced by a smaller version of itself.
    mutating func shrink(_ feature: Feature, to sizeBytes: UInt32) {
        records[Int(feature)].smallestSizeBytes = sizeBytes
    }

    mutating func setRare(_ feature: Feature, _ isRare: Bool) {
        records[Int(feature)].isRare = isRare
    }

    /// Owner of a feature, 0 when it was never seen.
    package func owner(of feature: Feature) -> CorpusEntryID {
        Int(feature) < records.count ? records[Int(feature)].owner : 0
    }

    private mutating func growToCover(_ counters: UnsafeBufferPointer<UInt32>) {
        // Counters ascend by edge, so the last one in range names the size.
        var highest: UInt32?
        for counter in counters.reversed() where counter &>> 8 < maxEdges {
            highest = counter &>> 8
            break
        }
        guard let highest else { return }
        let needed = (Int(highest) + 1) * HitCountBucket.count
        if needed > records.count {
            let grown = min(max(needed, records.count * 2), Int(maxEdges) * HitCountBucket.count)
            records.append(contentsOf: repeatElement(Record(), count: grown - records.count))
        }
    }
}
