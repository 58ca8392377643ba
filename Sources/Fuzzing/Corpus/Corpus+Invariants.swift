extension Corpus {
    /// Sentences about every invariant that does not hold; empty when all do. Slow: for tests and debugging.
    ///
    /// - Every feature seen has one owner, and that owner is not evicted.
    /// - An entry's `ownedFeatureCount` is the number of features that name it, all among its claimed ones.
    /// - A feature's smallest size is the size of its owner.
    /// - Counts of features, edges, entries and bytes are what counting gives.
    package func checkInvariants() -> [String] {
        var violations: [String] = []
        var owned = [Int](repeating: 0, count: entries.count)
        var seenFeatures = 0
        var seenEdges: Set<UInt32> = []
        for (index, record) in features.records.enumerated() where record.owner != 0 {
            seenFeatures += 1
            seenEdges.insert(UInt32(index / HitCountBucket.count))
            let entry = self[record.owner]
            owned[Int(record.owner) - 1] += 1
            if entry.isEvicted { violations.append("feature \(index) belongs to evicted entry \(entry.id)") }
            if !entry.claimedFeatures.contains(Feature(index)) {
                violations.append("entry \(entry.id) owns feature \(index) without having claimed it")
            }
            if Int(record.smallestSizeBytes) != entry.bytes.count {
                violations.append("feature \(index) has another size than its owner \(entry.id)")
            }
        }
        for entry in entries where entry.ownedFeatureCount != owned[Int(entry.id) - 1] {
            violations.append("entry \(entry.id) counts \(entry.ownedFeatureCount) features")
        }
        let live = entries.filter { !$0.isEvicted }
        if seenFeatures != features.featureCount {
            violations.append("featureCount is \(features.featureCount)")
        }
        if seenEdges.count != features.edgeCount { violations.append("edgeCount is \(features.edgeCount)") }
        if live.count != liveCount { violations.append("liveCount is \(liveCount), not \(live.count)") }
        let bytes = live.reduce(0) { $0 + $1.bytes.count }
        if bytes != totalBytes { violations.append("totalBytes is \(totalBytes), not \(bytes)") }
        return violations
    }
}
