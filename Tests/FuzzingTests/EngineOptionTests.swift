import Fuzzing
import Testing

/// What libFuzzer's flags change in the engine.
@Suite("Engine options")
struct EngineOptionTests {
    private func observe(
        _ fuzzer: inout Fuzzer, _ ticket: UInt64, _ counters: [UInt32], words: [WordComparison] = [], executed: [UInt8] = []
    ) -> [CampaignEvent] {
        counters.withUnsafeBufferPointer { counters in
            executed.withUnsafeBufferPointer { executed in
                fuzzer.observe(
                    ticket: ticket,
                    Observation(
                        outcome: .passed, counters: counters, wordComparisons: words, executedInput: executed))
            }
        }
    }

    private func newInputs(_ events: [CampaignEvent]) -> [[UInt8]] {
        events.compactMap { if case .newInput(let input) = $0 { input.bytes } else { nil } }
    }

    @Test(arguments: [false, true])
    func seedsThatShowNothingNewStayOnlyWhenKept(keeps: Bool) {
        var options = FuzzerOptions()
        options.keepsSeeds = keeps
        options.usesComparisons = false
        var fuzzer = Fuzzer(options: options)
        fuzzer.addSeed([1], name: "a")
        fuzzer.addSeed([2, 2], name: "b")
        for _ in 0..<2 { _ = observe(&fuzzer, fuzzer.nextRequest().ticket, [1 << 8 | 1]) }
        #expect(fuzzer.counters.corpusCount == (keeps ? 2 : 1))
        #expect(fuzzer.corpus.checkInvariants() == [])
        // A kept seed is never replaced by a smaller mutant with the same features.
        for _ in 0..<200 {
            let events = observe(&fuzzer, fuzzer.nextRequest().ticket, [1 << 8 | 1])
            if keeps { #expect(!events.contains { if case .reducedInput = $0 { true } else { false } }) }
        }
    }

    @Test(arguments: [false, true])
    func hitCountsAreFeaturesUnlessTurnedOff(usesCounters: Bool) {
        var options = FuzzerOptions()
        options.usesCounters = usesCounters
        options.usesComparisons = false
        var fuzzer = Fuzzer(options: options)
        fuzzer.addSeed([1], name: "a")
        _ = observe(&fuzzer, fuzzer.nextRequest().ticket, [5 << 8 | 1])
        let events = observe(&fuzzer, fuzzer.nextRequest().ticket, [5 << 8 | 200])
        #expect(newInputs(events).count == (usesCounters ? 1 : 0))
        #expect(fuzzer.counters.features == (usesCounters ? 2 : 1))
    }

    @Test func featuresThatAreNoCoverageCountAsFeaturesOnly() {
        var options = FuzzerOptions()
        options.featureOnlyEdges = [10..<20, 30..<31]
        var fuzzer = Fuzzer(options: options)
        fuzzer.addSeed([1], name: "a")
        _ = observe(&fuzzer, fuzzer.nextRequest().ticket, [9, 10, 19, 20, 30, 31].map { $0 << 8 | 1 })
        #expect(fuzzer.counters.features == 6)
        #expect(fuzzer.counters.edgesCovered == 3)
    }

    @Test func aHarnessThatMutatesMakesEveryMutant() {
        var options = FuzzerOptions()
        options.hasCustomMutator = true
        options.hasCustomCrossOver = true
        options.dictionary = [[1, 2, 3]]
        var fuzzer = Fuzzer(options: options)
        fuzzer.addSeed([1], name: "a")
        fuzzer.addSeed([2, 2], name: "b")
        _ = observe(&fuzzer, fuzzer.nextRequest().ticket, [1 << 8 | 1])
        _ = observe(&fuzzer, fuzzer.nextRequest().ticket, [2 << 8 | 1])
        var crossOvers = 0
        for round in 0..<100 {
            let (ticket, request) = fuzzer.nextRequest()
            #expect((request.customMutatorSeed == nil) != (request.crossOverPartner == nil))
            crossOvers += request.crossOverPartner == nil ? 0 : 1
            // What ran is what the harness made, and that is what the corpus takes.
            let made: [UInt8] = [9, UInt8(round)]
            let kept = newInputs(observe(&fuzzer, ticket, [UInt32(100 + round) << 8 | 1], executed: made))
            #expect(kept == [made])
        }
        #expect(crossOvers > 10 && crossOvers < 90)
    }

    @Test func comparedWordsReachMutants() {
        var fuzzer = Fuzzer(options: FuzzerOptions())
        fuzzer.addSeed(Array("head....".utf8), name: "a")
        var found = false
        for _ in 0..<500 {
            let (ticket, request) = fuzzer.nextRequest()
            if request.input.starts(with: Array("magic".utf8)) { found = true }
            let words =
                request.collectsComparisons ? [WordComparison(left: Array("head".utf8), right: Array("magic".utf8))] : []
            _ = observe(&fuzzer, ticket, [1 << 8 | 1], words: words)
        }
        #expect(found)
    }

    @Test func anyEntryIsAPartnerWhenTheyAreEquallyLikely() {
        var corpus = Corpus(FuzzerOptions())
        for size in 1...4 {
            [UInt32(size) << 8 | 1].withUnsafeBufferPointer { counters in
                _ = corpus.consider([UInt8](repeating: 0, count: size), counters: counters, base: 0, durationNanoseconds: 0)
            }
        }
        var random = RandomSource(seed: 3)
        var drawn: [UInt32: Int] = [:]
        for _ in 0..<4000 { drawn[corpus.chooseUniformly(using: &random) ?? 0, default: 0] += 1 }
        #expect(drawn.count == 4 && drawn.values.allSatisfy { $0 > 800 && $0 < 1200 })
    }

    @Test(arguments: [SeedOrder.smallFirst, .random, .asAdded])
    func seedsRunInTheirOrder(order: SeedOrder) {
        var options = FuzzerOptions()
        options.seedOrder = order
        var fuzzer = Fuzzer(options: options)
        let sizes = [5, 3, 9, 1, 7, 2, 8, 4, 6, 10]
        for size in sizes { fuzzer.addSeed([UInt8](repeating: 1, count: size), name: "\(size)") }
        let ran = sizes.map { _ in fuzzer.nextRequest().request.input.count }
        #expect(ran.sorted() == sizes.sorted())
        switch order {
        case .smallFirst: #expect(ran == sizes.sorted())
        case .asAdded: #expect(ran == sizes)
        case .random: #expect(ran != sizes && ran != sizes.sorted())
        }
    }
}
