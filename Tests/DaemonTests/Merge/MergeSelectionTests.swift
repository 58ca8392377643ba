import Daemon
import Fuzzing
import Testing

/// Which files a merge keeps: nothing is lost, and never more files than a greedy choice.
@Suite("Merge selection")
struct MergeSelectionTests {
    private func control(_ files: [(size: Int, features: [UInt32]?)], first: Int = 0) -> MergeControlFile {
        var control = MergeControlFile(paths: files.indices.map { "file-\($0)" }, firstCorpusCount: first)
        control.entries = files.map { MergeControlFile.Entry(sizeBytes: $0.size, features: $0.features) }
        return control
    }

    private func random(_ seed: UInt64, first: Int) -> MergeControlFile {
        var random = RandomSource(seed: seed)
        return control(
            (0..<40).map { _ in
                let features: [UInt32] = (0..<random.below(12)).map { _ in UInt32(random.below(60)) }
                return (1 + random.below(100), random.below(10) == 0 ? nil : Array(Set(features)).sorted())
            }, first: first)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>) func everyFeatureIsKeptByNoMoreFilesThanGreedily(seed: UInt64) {
        let control = random(seed, first: Int(seed % 5))
        let smallest = MergeSelection.smallestCover(control)
        let greedy = MergeSelection.greedyCover(control)
        let all = Set(control.entries.flatMap { $0.features ?? [] })
        let kept = Array(0..<control.firstCorpusCount) + smallest.chosen
        #expect(Set(kept.flatMap { control.entries[$0].features ?? [] }) == all, "seed \(seed)")
        #expect(smallest.chosen.count <= greedy.chosen.count, "seed \(seed)")
        #expect(Set(smallest.chosen).count == smallest.chosen.count)
        #expect(smallest.newFeatures == greedy.newFeatures)
        for index in smallest.chosen {
            let others = kept.filter { $0 != index }.flatMap { control.entries[$0].features ?? [] }
            #expect(!Set(control.entries[index].features ?? []).isSubset(of: others), "seed \(seed): \(index) is superfluous")
        }
    }

    /// The textbook's case: greedily three, two are enough.
    @Test func twoFilesAreBetterThanTheLargest() {
        let files: [(size: Int, features: [UInt32]?)] = [
            (1, [1, 2, 3, 7, 8, 9, 20]), (1, [1, 2, 3, 4, 5, 6, 10]), (1, [4, 5, 6, 7, 8, 9, 3, 2]), (1, [10, 20]),
        ]
        #expect(MergeSelection.smallestCover(control(files)).chosen.count == 2)
    }

    @Test func aFileThatFailedIsNotChosen() {
        #expect(MergeSelection.smallestCover(control([(1, nil), (2, [1]), (3, [])])).chosen == [1])
        #expect(MergeSelection.smallestCover(control([])).chosen == [])
    }
}
