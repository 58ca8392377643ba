import Fuzzing
import Testing

@Suite("Coverage")
struct CoverageTests {
    @Test("buckets: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128-255")
    func buckets() {
        let ranges: [ClosedRange<UInt8>] = [
            1...1, 2...2, 3...3, 4...7, 8...15, 16...31, 32...127, 128...255,
        ]
        for (bucket, range) in ranges.enumerated() {
            for hitCount in range {
                #expect(HitCountBucket.bucket(hitCount: hitCount) == UInt32(bucket), "hit count \(hitCount)")
            }
        }
        #expect(HitCountBucket.feature(edge: 5, hitCount: 9) == 5 * 8 + 4)
    }

    @Test("edges beyond the limit and zero counts are ignored")
    func scribbled() {
        var options = FuzzerOptions()
        options.maxEdges = 10
        var corpus = Corpus(options)
        let verdict = corpus.consider([1], edges: [(0, 0), (9, 1), (10, 1), (0xFF_FFFF, 3)])
        #expect(verdict == .added(entry: 1, evicted: []))
        #expect(corpus.features.featureCount == 1)
        #expect(corpus.features.edgeCount == 1)
        #expect(corpus.features.owner(of: 9 * 8) == 1)
        #expect(corpus.consider([1], edges: []) == .unchanged)
    }
}

extension Corpus {
    /// `consider` with counters written out.
    mutating func consider(
        _ input: [UInt8], edges: [(edge: UInt32, hits: UInt8)], base: CorpusEntryID = 0
    ) -> CorpusVerdict {
        edges.map { $0.edge << 8 | UInt32($0.hits) }.withUnsafeBufferPointer {
            consider(input, counters: $0, base: base, durationNanoseconds: 1)
        }
    }
}
