/// What the corpus did with an execution.
package enum CorpusVerdict: Equatable {
    /// Nothing new, nothing smaller.
    case unchanged
    /// The input entered as `entry`; the entries in `evicted` own nothing any more.
    case added(entry: CorpusEntryID, evicted: [CorpusEntryID])
    /// The input took the place of the entry that it was mutated from.
    case reduced(entry: CorpusEntryID, previousBytes: [UInt8])
}

/// The inputs worth mutating and the features that each of them owns.
///
/// Every feature that was ever seen has exactly one owner, and every entry that is not evicted owns at least
/// one. Owned by `Fuzzer`; pure. Replacement follows libFuzzer: an input enters for a new feature (or, with
/// `shrinks`, for one that only bigger inputs showed), and a mutant that is smaller than the entry it was
/// made from and shows all that entry's features takes its place.
package struct Corpus {
    /// All entries ever, by `id - 1`; evicted ones stay as empty shells, because executions in flight name
    /// them.
    package private(set) var entries: [CorpusEntry] = []
    package private(set) var features: FeatureMap
    /// Entries that are not evicted (`corp:`), and their bytes.
    package private(set) var liveCount = 0
    package private(set) var totalBytes = 0
    /// Size of the largest input that ever entered.
    package private(set) var largestSizeBytes = 0
    private(set) var schedule: EntropicSchedule
    private var scan = CoverageScan()
    private let shrinks: Bool
    private let reducesInputs: Bool

    package init(_ options: FuzzerOptions) {
        shrinks = options.shrinks
        reducesInputs = options.reducesInputs
        features = FeatureMap(
            maxEdges: options.maxEdges, usesCounters: options.usesCounters, featureOnlyEdges: options.featureOnlyEdges)
        schedule = EntropicSchedule(
            isEntropic: options.isSchedulingEntropic, rarestFeatureCount: options.rarestFeatureCount,
            frequencyThreshold: options.rareFrequencyThreshold)
    }

    package subscript(id: CorpusEntryID) -> CorpusEntry {
        entries[Int(id) - 1]
    }

    /// Judges an execution of `input`, a mutant of entry `base` (0: of none). One that `isKept` enters whatever it shows.
    package mutating func consider(
        _ input: [UInt8], counters: UnsafeBufferPointer<UInt32>, base: CorpusEntryID,
        durationNanoseconds: UInt64, isKept: Bool = false
    ) -> CorpusVerdict {
        let sizeBytes = UInt32(input.count)
        features.scan(counters, sizeBytes: sizeBytes, base: base, claimsSmaller: shrinks, into: &scan)
        if base != 0 && schedule.isEntropic && !scan.rareFeatures.isEmpty {
            entries[Int(base) - 1].countLocally(scan.rareFeatures)
        }
        if !scan.claimedFeatures.isEmpty || isKept {
            if base != 0 { entries[Int(base) - 1].successCount += 1 }
            return add(input, durationNanoseconds: durationNanoseconds, isKept: isKept)
        }
        guard reducesInputs, base != 0, scan.baseFeatureCount > 0 else { return .unchanged }
        let index = Int(base) - 1
        guard scan.baseFeatureCount == entries[index].ownedFeatureCount, !entries[index].isKept,
            input.count < entries[index].bytes.count
        else { return .unchanged }
        return reduce(base, to: input, durationNanoseconds: durationNanoseconds)
    }

    private mutating func add(_ input: [UInt8], durationNanoseconds: UInt64, isKept: Bool) -> CorpusVerdict {
        let id = CorpusEntryID(entries.count + 1)
        var claimed = scan.claimedFeatures
        claimed.sort()
        var evicted: [CorpusEntryID] = []
        var newFeatures: [Feature] = []
        for feature in claimed {
            let previous = features.claim(feature, owner: id, sizeBytes: UInt32(input.count))
            if previous == 0 {
                newFeatures.append(feature)
                continue
            }
            entries[Int(previous) - 1].ownedFeatureCount -= 1
            if entries[Int(previous) - 1].isEvicted { evicted.append(previous) }
        }
        var entry = CorpusEntry(
            id: id, bytes: input, claimedFeatures: claimed, durationNanoseconds: durationNanoseconds)
        entry.isKept = isKept
        schedule.welcome(&entry, newFeatures: newFeatures, features: &features, entries: &entries)
        entries.append(entry)
        liveCount += 1
        totalBytes += input.count
        largestSizeBytes = max(largestSizeBytes, input.count)
        return .added(entry: id, evicted: evicted)
    }

    /// Empties the shells of entries that a verdict named as evicted, and returns their bytes.
    package mutating func bury(_ id: CorpusEntryID) -> [UInt8] {
        let index = Int(id) - 1
        precondition(entries[index].isEvicted, "an entry that owns features cannot be evicted")
        let bytes = entries[index].bytes
        liveCount -= 1
        totalBytes -= bytes.count
        entries[index].bytes = []
        entries[index].claimedFeatures = []
        entries[index].comparisons = []
        entries[index].wordComparisons = []
        entries[index].localFrequencies = []
        schedule.invalidate()
        return bytes
    }

    private mutating func reduce(
        _ id: CorpusEntryID, to input: [UInt8], durationNanoseconds: UInt64
    ) -> CorpusVerdict {
        let index = Int(id) - 1
        let previousBytes = entries[index].bytes
        totalBytes -= previousBytes.count - input.count
        entries[index].bytes = input
        entries[index].durationNanoseconds = durationNanoseconds
        entries[index].reductionCount += 1
        entries[index].successCount += 1
        for feature in entries[index].claimedFeatures where features.owner(of: feature) == id {
            features.shrink(feature, to: UInt32(input.count))
        }
        // Sizes weigh in the schedule.
        schedule.invalidate()
        return .reduced(entry: id, previousBytes: previousBytes)
    }

    /// Draws an entry to mutate or to cross with; `nil` while there is none.
    package mutating func choose(using random: inout RandomSource) -> CorpusEntryID? {
        if liveCount == 0 { return nil }
        return schedule.choose(
            entries: &entries, features: &features, averageSizeBytes: totalBytes / liveCount, using: &random)
    }

    /// Draws an entry with equal chances; `nil` while there is none.
    package func chooseUniformly(using random: inout RandomSource) -> CorpusEntryID? {
        if liveCount == 0 { return nil }
        while true {
            let index = random.below(entries.count)
            if !entries[index].isEvicted { return CorpusEntryID(index + 1) }
        }
    }

    /// Counts a mutant made from `id`.
    package mutating func noteMutation(of id: CorpusEntryID) {
        entries[Int(id) - 1].mutationCount += 1
        entries[Int(id) - 1].needsEnergyUpdate = true
        schedule.noteMutation()
    }

    /// Keeps what `id` was seen to compare.
    package mutating func setComparisons(_ comparisons: [Comparison], of id: CorpusEntryID) {
        if !self[id].isEvicted { entries[Int(id) - 1].comparisons = comparisons }
    }

    /// Keeps which words `id` was seen to compare.
    package mutating func setWordComparisons(_ comparisons: [WordComparison], of id: CorpusEntryID) {
        if !self[id].isEvicted { entries[Int(id) - 1].wordComparisons = comparisons }
    }
}
