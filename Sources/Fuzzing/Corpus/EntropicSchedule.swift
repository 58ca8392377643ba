/// Which entry is mutated next: the entropic power schedule, or libFuzzer's older "vanilla" one.
///
/// An entry's energy is an estimate of how much its mutants still teach us: the Shannon entropy of the rare
/// features that they showed so far. Entries whose mutants always show the same things lose energy.
///
/// Source: Böhme, Manès and Cha, "Boosting Fuzzer Efficiency: An Information Theoretic Perspective", ESEC/FSE
/// 2020; libFuzzer's defaults (`-entropic=1`, 100 rarest features, frequency threshold 255). Owned by
/// `Corpus`.
struct EntropicSchedule {
    /// Rare features that are kept whatever their frequency.
    let rarestFeatureCount: Int
    /// Features seen no more often than this are rare in any case.
    let frequencyThreshold: UInt16
    /// Without a reason, weights are computed again once in so many draws.
    static let sparseUpdateInterval = 100
    /// An entry mutated this many times the average rests.
    static let maxMutationFactor: UInt64 = 20

    let isEntropic: Bool
    private(set) var rareFeatures: [Feature] = []
    private var mutationCount: UInt64 = 0
    /// Running sums of the weights, one for each of `candidates`.
    private var cumulativeWeights: [Double] = []
    private var candidates: [CorpusEntryID] = []
    private var needsUpdate = true

    init(isEntropic: Bool, rarestFeatureCount: Int, frequencyThreshold: UInt16) {
        self.isEntropic = isEntropic
        self.rarestFeatureCount = rarestFeatureCount
        self.frequencyThreshold = frequencyThreshold
    }

    mutating func invalidate() {
        needsUpdate = true
    }

    mutating func noteMutation() {
        mutationCount += 1
    }

    /// Takes in an entry that showed `newFeatures`, and gives it the highest energy there is.
    mutating func welcome(
        _ entry: inout CorpusEntry, newFeatures: [Feature], features: inout FeatureMap,
        entries: inout [CorpusEntry]
    ) {
        needsUpdate = true
        guard isEntropic else { return }
        pruneRareFeatures(features: &features, entries: &entries)
        rareFeatures.append(contentsOf: newFeatures)
        if !newFeatures.isEmpty {
            let count = Double(newFeatures.count)
            // Nobody's mutants have shown these yet: one more possible outcome for each entry (add-one
            // smoothing).
            for index in entries.indices where entries[index].energy > 0 {
                entries[index].sumIncidence += count
                let sum = entries[index].sumIncidence
                entries[index].energy += count * naturalLogarithm(sum) / sum
            }
        }
        entry.energy = rareFeatures.count < 2 ? 1 : naturalLogarithm(Double(rareFeatures.count))
        entry.sumIncidence = Double(rareFeatures.count)
    }

    /// Forgets the most frequent of the rare features until only the rarest hundred exceed the threshold.
    ///
    /// libFuzzer does so one at a time when a feature arrives; here it is done at once and at each update of
    /// the weights as well, so that an execution never counts thousands of features that are not rare any
    /// more.
    private mutating func pruneRareFeatures(features: inout FeatureMap, entries: inout [CorpusEntry]) {
        guard rareFeatures.count > rarestFeatureCount,
            features.mostFrequentRare > frequencyThreshold
        else { return }
        var ranked = rareFeatures.map { (feature: $0, frequency: features.records[Int($0)].frequency) }
        ranked.sort { ($0.frequency, $0.feature) < ($1.frequency, $1.feature) }
        var kept = ranked.count
        while kept > rarestFeatureCount && ranked[kept - 1].frequency > frequencyThreshold {
            kept -= 1
            features.setRare(ranked[kept].feature, false)
        }
        features.mostFrequentRare = ranked[kept - 1].frequency
        if kept == ranked.count { return }
        rareFeatures = ranked[..<kept].map(\.feature)
        for index in entries.indices where !entries[index].localFrequencies.isEmpty {
            entries[index].localFrequencies.removeAll { !features.records[Int($0.feature)].isRare }
            entries[index].needsEnergyUpdate = true
        }
    }

    /// Draws an entry by weight; `nil` when none owns a feature.
    mutating func choose(
        entries: inout [CorpusEntry], features: inout FeatureMap, averageSizeBytes: Int,
        using random: inout RandomSource
    ) -> CorpusEntryID? {
        if needsUpdate || (isEntropic && random.below(Self.sparseUpdateInterval) == 0) {
            needsUpdate = false
            updateWeights(entries: &entries, features: &features, averageSizeBytes: averageSizeBytes)
        }
        guard let total = cumulativeWeights.last, total > 0 else { return nil }
        let drawn = random.unitInterval() * total
        var low = 0
        var high = cumulativeWeights.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulativeWeights[middle] > drawn { high = middle } else { low = middle + 1 }
        }
        return candidates[low]
    }

    private mutating func updateWeights(
        entries: inout [CorpusEntry], features: inout FeatureMap, averageSizeBytes: Int
    ) {
        if isEntropic {
            pruneRareFeatures(features: &features, entries: &entries)
            for index in entries.indices where entries[index].needsEnergyUpdate && !entries[index].isEvicted {
                entries[index].needsEnergyUpdate = false
                updateEnergy(&entries[index])
            }
        }
        candidates.removeAll(keepingCapacity: true)
        for index in entries.indices where !entries[index].isEvicted {
            candidates.append(CorpusEntryID(index + 1))
        }
        if isEntropic
            && setWeights(candidates.map { entropicWeight(of: entries[Int($0) - 1], averageSizeBytes) })
        {
            return
        }
        // Vanilla: the later an entry came, the more it is worth.
        _ = setWeights(
            candidates.map {
                Double($0) * Self.sizeFactor(entries[Int($0) - 1].bytes.count, averageSizeBytes)
            })
    }

    /// False when all weights are zero.
    private mutating func setWeights(_ weights: [Double]) -> Bool {
        var sum = 0.0
        cumulativeWeights.removeAll(keepingCapacity: true)
        for weight in weights {
            sum += weight
            cumulativeWeights.append(sum)
        }
        return sum > 0
    }

    private func entropicWeight(of entry: CorpusEntry, _ averageSizeBytes: Int) -> Double {
        let average = mutationCount / UInt64(max(1, candidates.count))
        if entry.mutationCount / Self.maxMutationFactor > average { return 0 }
        return max(0, entry.energy) * Self.sizeFactor(entry.bytes.count, averageSizeBytes)
    }

    /// Small inputs run faster and mutations hit the bytes that matter: up to twice, down to a quarter.
    static func sizeFactor(_ sizeBytes: Int, _ averageSizeBytes: Int) -> Double {
        if sizeBytes * 2 <= averageSizeBytes { return 2 }
        if sizeBytes >= averageSizeBytes * 4 && averageSizeBytes > 0 { return 0.25 }
        if sizeBytes >= averageSizeBytes * 2 && averageSizeBytes > 0 { return 0.5 }
        return 1
    }

    /// Entropy of what the entry's mutants showed: rare features seen locally, those not seen (one each), and
    /// one abundant feature that stands for all that is not rare.
    private func updateEnergy(_ entry: inout CorpusEntry) {
        var negative = 0.0
        var sum = 0.0
        for local in entry.localFrequencies {
            let incidence = Double(local.count) + 1
            negative += incidence * naturalLogarithm(incidence)
            sum += incidence
        }
        sum += Double(max(0, rareFeatures.count - entry.localFrequencies.count))
        let abundant = Double(entry.mutationCount) + 1
        negative += abundant * naturalLogarithm(abundant)
        sum += abundant
        entry.energy = naturalLogarithm(sum) - negative / sum
        entry.sumIncidence = sum
    }
}
