/// Chooses which files of a merge go into the first corpus.
package struct MergeSelection: Equatable {
    /// Indices of the chosen files, in the order of choice.
    package var chosen: [Int] = []
    package var newFeatures = 0
    package var newEdges = 0

    /// In order of size, every file that shows a feature which nothing before it showed.
    package static func bySize(_ control: MergeControlFile) -> MergeSelection {
        var (covered, edges) = initial(control)
        var selection = MergeSelection()
        let order = candidates(control).sorted { first, second in
            let (one, other) = (control.entries[first], control.entries[second])
            if one.sizeBytes != other.sizeBytes { return one.sizeBytes < other.sizeBytes }
            let (features, otherFeatures) = (one.features?.count ?? 0, other.features?.count ?? 0)
            return features != otherFeatures ? features > otherFeatures : first < second
        }
        for index in order { selection.take(index, control, &covered, &edges) }
        return selection
    }

    /// Greedy set cover: always the file that shows the most features which are not covered yet, the smaller of equals.
    package static func greedyCover(_ control: MergeControlFile) -> MergeSelection {
        var (covered, edges) = initial(control)
        var selection = MergeSelection()
        selection.takeGreedily(control, &covered, &edges)
        return selection
    }

    private mutating func takeGreedily(_ control: MergeControlFile, _ covered: inout Set<UInt32>, _ edges: inout Set<UInt32>) {
        // A file's gain only shrinks, so one whose gain is still the largest when it is counted anew is the best of all.
        var queue = Self.candidates(control).map { (index: $0, gain: control.entries[$0].features?.count ?? 0) }
        let comesBefore: ((index: Int, gain: Int), (index: Int, gain: Int)) -> Bool = { one, other in
            if one.gain != other.gain { return one.gain < other.gain }
            let sizes = (control.entries[one.index].sizeBytes, control.entries[other.index].sizeBytes)
            return sizes.0 != sizes.1 ? sizes.0 > sizes.1 : one.index > other.index
        }
        queue.sort(by: comesBefore)
        while let best = queue.popLast() {
            let gain = (control.entries[best.index].features ?? []).count { !covered.contains($0) }
            if gain == 0 { continue }
            if let next = queue.last, comesBefore((best.index, gain), next) {
                let place = queue.partitioningIndex { comesBefore((best.index, gain), $0) }
                queue.insert((best.index, gain), at: place)
                continue
            }
            take(best.index, control, &covered, &edges)
        }
    }

    /// The fewest files that we can find for all features: first those that alone show one, then greedily, then without those
    /// that the rest made superfluous. Never more files than `greedyCover`.
    package static func smallestCover(_ control: MergeControlFile) -> MergeSelection {
        var (covered, edges) = initial(control)
        var selection = MergeSelection()
        var providers: [UInt32: Int] = [:]
        for index in candidates(control) {
            for feature in control.entries[index].features ?? [] where !covered.contains(feature) {
                providers[feature, default: 0] += 1
            }
        }
        for index in candidates(control) {
            let isAlone = (control.entries[index].features ?? []).contains { providers[$0] == 1 }
            if isAlone { selection.take(index, control, &covered, &edges) }
        }
        selection.takeGreedily(control, &covered, &edges)
        let greedy = greedyCover(control)
        let reduced = selection.withoutSuperfluous(control)
        return reduced.chosen.count <= greedy.chosen.count ? reduced : greedy
    }

    /// Without files whose features the other chosen ones all have, the largest first.
    private func withoutSuperfluous(_ control: MergeControlFile) -> MergeSelection {
        let initial = Self.initial(control).features
        var counts: [UInt32: Int] = [:]
        for index in chosen {
            for feature in control.entries[index].features ?? [] { counts[feature, default: 0] += 1 }
        }
        var kept = Set(chosen)
        let bySize = chosen.sorted { (control.entries[$0].sizeBytes, $0) > (control.entries[$1].sizeBytes, $1) }
        for index in bySize {
            let features = control.entries[index].features ?? []
            guard features.allSatisfy({ initial.contains($0) || counts[$0, default: 0] > 1 }) else { continue }
            kept.remove(index)
            for feature in features { counts[feature, default: 0] -= 1 }
        }
        var result = self
        result.chosen = chosen.filter(kept.contains)
        return result
    }

    private mutating func take(
        _ index: Int, _ control: MergeControlFile, _ covered: inout Set<UInt32>, _ edges: inout Set<UInt32>
    ) {
        let fresh = (control.entries[index].features ?? []).filter { covered.insert($0).inserted }
        guard !fresh.isEmpty else { return }
        chosen.append(index)
        newFeatures += fresh.count
        newEdges += control.entries[index].edges.count { edges.insert($0).inserted }
    }

    private static func candidates(_ control: MergeControlFile) -> [Int] {
        control.entries.indices.filter { $0 >= control.firstCorpusCount && control.entries[$0].features != nil }
    }

    private static func initial(_ control: MergeControlFile) -> (features: Set<UInt32>, edges: Set<UInt32>) {
        let first = control.entries.prefix(control.firstCorpusCount)
        return (Set(first.flatMap { $0.features ?? [] }), Set(first.flatMap(\.edges)))
    }
}

extension Array {
    /// The first index whose element and all after it satisfy the predicate, in an array ordered so.
    fileprivate func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
