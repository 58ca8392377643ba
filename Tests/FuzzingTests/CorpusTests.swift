import Fuzzing
import Testing

@Suite("Corpus")
struct CorpusTests {
    private func makeCorpus(shrinks: Bool = false, isEntropic: Bool = true) -> Corpus {
        var options = FuzzerOptions()
        options.shrinks = shrinks
        options.isSchedulingEntropic = isEntropic
        options.maxEdges = 1 << 12
        return Corpus(options)
    }

    @Test("a new edge or a new bucket enters; the same again does not")
    func novelty() {
        var corpus = makeCorpus()
        #expect(corpus.consider([1, 2], edges: [(3, 1)]) == .added(entry: 1, evicted: []))
        #expect(corpus.consider([1, 2], edges: [(3, 1)]) == .unchanged)
        #expect(corpus.consider([9], edges: [(3, 2)]) == .added(entry: 2, evicted: []))
        #expect(corpus.features.edgeCount == 1)
        #expect(corpus.features.featureCount == 2)
        #expect(corpus.checkInvariants() == [])
    }

    @Test(
        "a smaller mutant with all its entry's features replaces it; with fewer, or not smaller, it does not")
    func reduction() {
        var corpus = makeCorpus()
        _ = corpus.consider([1, 2, 3], edges: [(1, 1), (2, 1)])
        #expect(corpus.consider([1, 2], edges: [(1, 1)], base: 1) == .unchanged)
        #expect(corpus.consider([1, 2, 4], edges: [(1, 1), (2, 1)], base: 1) == .unchanged)
        #expect(corpus.consider([1, 2], edges: [(1, 1), (2, 1)]) == .unchanged)
        #expect(
            corpus.consider([1, 2], edges: [(1, 1), (2, 1)], base: 1)
                == .reduced(entry: 1, previousBytes: [1, 2, 3]))
        #expect(corpus[1].bytes == [1, 2])
        #expect(corpus.totalBytes == 2)
        #expect(corpus.checkInvariants() == [])
    }

    @Test("with shrinking, smaller inputs take features over, and an entry that owns none is evicted")
    func shrinking() {
        var corpus = makeCorpus(shrinks: true)
        _ = corpus.consider([1, 2, 3], edges: [(1, 1), (2, 1)])
        #expect(corpus.consider([1, 2], edges: [(1, 1)]) == .added(entry: 2, evicted: []))
        #expect(corpus.consider([7], edges: [(2, 1)]) == .added(entry: 3, evicted: [1]))
        #expect(corpus.bury(1) == [1, 2, 3])
        #expect(corpus.liveCount == 2)
        #expect(corpus.totalBytes == 3)
        #expect(corpus.checkInvariants() == [])
        // A mutant of the evicted entry that was still in flight.
        #expect(corpus.consider([1], edges: [(2, 1)], base: 1) == .unchanged)
    }

    @Test("invariants hold under random observations", arguments: [false, true], [UInt64(1), 2, 3])
    func randomObservations(shrinks: Bool, seed: UInt64) {
        var corpus = makeCorpus(shrinks: shrinks)
        var random = RandomSource(seed: seed)
        var reductions = 0
        for round in 0..<3000 {
            let base = corpus.choose(using: &random) ?? 0
            if base != 0 { corpus.noteMutation(of: base) }
            let input = [UInt8](repeating: 0, count: random.below(64))
            var edges: [(edge: UInt32, hits: UInt8)] = []
            for edge in 0..<UInt32(40) where random.below(4) == 0 {
                edges.append((edge, UInt8(1 + random.below(255))))
            }
            switch corpus.consider(input, edges: edges, base: base) {
            case .added(_, let evicted): for entry in evicted { _ = corpus.bury(entry) }
            case .reduced: reductions += 1
            case .unchanged: break
            }
            if round % 100 == 0 { #expect(corpus.checkInvariants() == [], "seed \(seed), round \(round)") }
        }
        #expect(corpus.checkInvariants() == [], "seed \(seed)")
        #expect(shrinks || reductions > 0)
    }

    @Test("every live entry is drawn, evicted ones never", arguments: [false, true])
    func choice(isEntropic: Bool) {
        var corpus = makeCorpus(shrinks: true, isEntropic: isEntropic)
        var random = RandomSource(seed: 5)
        #expect(corpus.choose(using: &random) == nil)
        for index in 0..<10 { _ = corpus.consider([1, 2, 3], edges: [(UInt32(index), 1)]) }
        _ = corpus.consider([1], edges: [(0, 1)])
        _ = corpus.bury(1)
        var counts = [Int](repeating: 0, count: 12)
        for _ in 0..<5000 {
            guard let id = corpus.choose(using: &random) else {
                Issue.record("nothing was drawn")
                return
            }
            counts[Int(id)] += 1
            corpus.noteMutation(of: id)
        }
        #expect(counts[1] == 0)
        #expect(counts[2...11].allSatisfy { $0 > 20 }, "\(counts)")
    }

    @Test("an entry whose mutants show rare features is preferred over one whose mutants show the usual")
    func entropy() {
        var corpus = makeCorpus()
        var random = RandomSource(seed: 6)
        _ = corpus.consider([1], edges: [(0, 1)])
        _ = corpus.consider([2], edges: (1...60).map { (UInt32($0), 1) })
        for round in 0..<200 {
            corpus.noteMutation(of: 1)
            _ = corpus.consider([1], edges: [(0, 1)], base: 1)
            corpus.noteMutation(of: 2)
            _ = corpus.consider([2], edges: [(UInt32(1 + round % 60), 1)], base: 2)
        }
        var counts = [0, 0, 0]
        for _ in 0..<2000 { counts[Int(corpus.choose(using: &random) ?? 0)] += 1 }
        #expect(counts[2] > counts[1] * 11 / 10, "\(counts)")
    }

    @Test("length limit: starts small, grows by its logarithm, stops at the maximum")
    func lengthControl() {
        var control = LengthControl(control: 10, maxInputBytes: 40)
        #expect(control.limitBytes == 4)
        control.seedsLoaded(largestSizeBytes: 8, executions: 5)
        #expect(control.limitBytes == 8)
        control.advance(executions: 35)
        #expect(control.limitBytes == 8)
        control.advance(executions: 36)
        #expect(control.limitBytes == 11)
        control.corpusChanged(executions: 66)
        control.advance(executions: 90)
        #expect(control.limitBytes == 11)
        for executions in 100..<2000 { control.advance(executions: UInt64(executions)) }
        #expect(control.limitBytes == 40)
        #expect(LengthControl(control: 0, maxInputBytes: 40).limitBytes == 40)
    }
}
