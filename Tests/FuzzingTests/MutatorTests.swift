import Fuzzing
import Testing

@Suite("Mutation families")
struct MutatorTests {
    private func makeMutator(seed: UInt64, maxSizeBytes: Int) -> Mutator {
        var mutator = Mutator(
            seed: seed, maxSizeBytes: maxSizeBytes, dictionary: [Array("FUZZ".utf8), [0xFF]],
            hasCustomCrossOver: true)
        mutator.context.crossOverPartner = Array("a partner of 25 bytes ....".utf8)
        mutator.context.comparisons = [Comparison(sizeBytes: 4, left: 0x3132_3334, right: 0xDEAD_BEEF)]
        mutator.context.persistentDictionary.add(Array("auto".utf8))
        return mutator
    }

    private func randomInput(_ random: inout RandomSource, maxSizeBytes: Int) -> [UInt8] {
        let count = random.below(maxSizeBytes + 1)
        return (0..<count).map { _ in random.coin() ? UInt8(0x30 + random.below(10)) : random.byte() }
    }

    @Test(
        "never longer than allowed, never empty, untouched when not applicable",
        arguments: MutationFamily.allCases.filter { $0 != .custom }, [1, 2, 4, 33, 300])
    func limits(family: MutationFamily, maxSizeBytes: Int) {
        var random = RandomSource(seed: 11)
        var mutator = makeMutator(seed: 12, maxSizeBytes: maxSizeBytes)
        for round in 0..<400 {
            let before = randomInput(&random, maxSizeBytes: maxSizeBytes)
            var after = before
            if mutator.apply(family, to: &after) {
                #expect(after.count <= maxSizeBytes && !after.isEmpty, "seed 12, round \(round)")
            } else {
                #expect(after == before, "seed 12, round \(round)")
            }
        }
    }

    @Test("applies to an ordinary input and changes it", arguments: MutationFamily.allCases)
    func changes(family: MutationFamily) {
        let isTheHarnesss = family == .customCrossOver || family == .custom
        var mutator = makeMutator(seed: 5, maxSizeBytes: 300)
        let before = Array("4321 some text with 1234 and 99".utf8)
        var changed = 0
        for _ in 0..<100 {
            var after = before
            #expect(mutator.apply(family, to: &after))
            if after != before { changed += 1 }
        }
        // The harness crosses over in the child, so that family leaves the bytes alone.
        #expect(isTheHarnesss ? changed == 0 : changed > 50)
    }

    @Test("same seed, same mutants")
    func determinism() {
        func mutants(_ seed: UInt64) -> [[UInt8]] {
            var mutator = makeMutator(seed: seed, maxSizeBytes: 64)
            var input = Array("seed".utf8)
            return (0..<500).map { _ in
                _ = mutator.mutate(&input)
                return input
            }
        }
        #expect(mutants(3) == mutants(3))
        #expect(mutants(3) != mutants(4))
    }

    @Test("the empty input grows; a single byte at the limit survives")
    func extremes() {
        var mutator = makeMutator(seed: 9, maxSizeBytes: 1)
        for _ in 0..<200 {
            var input: [UInt8] = []
            _ = mutator.mutate(&input)
            #expect(input.count == 1)
        }
    }

    @Test("structural properties: sizes and contents that a family must keep")
    func structure() {
        var mutator = makeMutator(seed: 21, maxSizeBytes: 300)
        let before = Array("id=0042;len=17".utf8)
        for _ in 0..<200 {
            var erased = before
            _ = mutator.apply(.eraseBytes, to: &erased)
            #expect(erased.count >= before.count / 2 && erased.count < before.count)
            var flipped = before
            _ = mutator.apply(.changeBit, to: &flipped)
            #expect(zip(before, flipped).map { ($0 ^ $1).nonzeroBitCount }.reduce(0, +) == 1)
            var shuffled = before
            _ = mutator.apply(.shuffleBytes, to: &shuffled)
            #expect(shuffled.sorted() == before.sorted())
            var number = before
            if mutator.apply(.changeASCIIInt, to: &number) {
                #expect(number.count == before.count)
                #expect(number.starts(with: Array("id=".utf8)))
            }
            var repeated = before
            _ = mutator.apply(.insertRepeatedBytes, to: &repeated)
            #expect((3...128).contains(repeated.count - before.count))
        }
    }

    @Test("CMP replaces the operand that stands in the input")
    func comparisonOperand() {
        var mutator = Mutator(seed: 1, maxSizeBytes: 8)
        mutator.context.comparisons = [Comparison(sizeBytes: 4, left: 0x4433_2211, right: 0xCAFE_F00D)]
        let before: [UInt8] = [0, 0, 0x11, 0x22, 0x33, 0x44, 0, 0]
        let wanted: [UInt8] = [0, 0, 0x0D, 0xF0, 0xFE, 0xCA, 0, 0]
        let hits = (0..<300).count { _ in
            var input = before
            return mutator.apply(.comparison, to: &input) && input == wanted
        }
        #expect(hits > 3)
    }

    @Test("CMP finds the side and the byte order that stand in the input")
    func comparisonOperandPlace() {
        var mutator = Mutator(seed: 5, maxSizeBytes: 12)
        // The right operand, big-endian.
        mutator.context.comparisons = [Comparison(sizeBytes: 8, left: 2048, right: 0x0123_4567_89AB_CDEF)]
        let before: [UInt8] = [9, 9, 0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 9, 9]
        let wanted: [UInt8] = [9, 9, 0, 0, 0, 0, 0, 0, 8, 0, 9, 9]
        let hits = (0..<300).count { _ in
            var input = before
            return mutator.apply(.comparison, to: &input) && input == wanted
        }
        // One in three is the value itself, and three in eight of those take the place that was found.
        #expect(hits > 20)
    }

    @Test("the widest operand in the input comes first, and is drawn most")
    func comparisonsByWidth() {
        let input: [UInt8] = [0, 0, 0x41, 0x42, 1, 2, 3, 4, 5, 6, 7, 8]
        let byte = Comparison(sizeBytes: 1, left: 0x41, right: 7)
        let wide = Comparison(sizeBytes: 8, left: 0x0807_0605_0403_0201, right: 2048)
        let word = Comparison(sizeBytes: 2, left: 9, right: 0x4142)
        let absent = (0..<200).map { Comparison(sizeBytes: 4, left: 0x9999_0000 + UInt64($0), right: 0x8888_8888) }
        let chosen = ComparisonTable.select(from: absent + [byte, word] + [wide], input: input)
        #expect(Array(chosen.prefix(4)) == [wide, word, byte, absent[0]])
        #expect(chosen.count == ComparisonTable.maxPerEntry)
    }

    @Test("only_ascii mutants are printable or blank")
    func onlyASCII() {
        var mutator = Mutator(seed: 2, maxSizeBytes: 50, isOnlyASCII: true)
        var input: [UInt8] = [0xFF, 0x00]
        for _ in 0..<300 {
            _ = mutator.mutate(&input)
            #expect(input.allSatisfy { (0x20...0x7E).contains($0) || (0x09...0x0D).contains($0) })
        }
    }

    @Test("names are those of libFuzzer's log")
    func names() {
        #expect(
            MutationFamily.allCases.map(\.name) == [
                "EraseBytes", "InsertByte", "InsertRepeatedBytes", "ChangeByte", "ChangeBit", "ShuffleBytes",
                "ChangeASCIIInt", "ChangeBinInt", "CopyPart", "CrossOver", "ManualDict", "PersAutoDict",
                "CMP",
                "CustomCrossOver", "Custom",
            ])
    }

    @Test("comparisons worth keeping: unequal, distinct, those of the input first")
    func comparisonTable() {
        let inInput = Comparison(sizeBytes: 2, left: 0x4241, right: 7)
        let elsewhere = Comparison(sizeBytes: 4, left: 0x9999_9999, right: 0x8888_8888)
        let equal = Comparison(sizeBytes: 4, left: 5, right: 5)
        let broken = Comparison(sizeBytes: 3, left: 5, right: 6)
        let chosen = ComparisonTable.select(
            from: [equal, elsewhere, elsewhere, broken, inInput], input: Array("xAB".utf8))
        #expect(chosen == [inInput, elsewhere])
        let many = (0..<1000).map { Comparison(sizeBytes: 8, left: UInt64($0) << 40, right: 1 << 60) }
        #expect(ComparisonTable.select(from: many, input: []).count == ComparisonTable.maxPerEntry)
    }
}
