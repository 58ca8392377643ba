import Fuzzing
import Testing

/// Integers as a target reads them from an input.
private enum Number {
    static func bytes(_ value: UInt64, _ width: Int, isBigEndian: Bool) -> [UInt8] {
        let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        return isBigEndian ? little.reversed() : little
    }

    static func load(_ input: [UInt8], _ offset: Int, _ width: Int, isBigEndian: Bool) -> UInt64 {
        let bytes = input[offset..<(offset + width)]
        return (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func mask(_ width: Int) -> UInt64 { .max >> UInt64(64 - 8 * width) }
}

@Suite("Comparison trials")
struct ComparisonTrialTests {
    private func trials(
        _ input: [UInt8], _ comparisons: [Comparison], words: [WordComparison] = [], dictionary: [[UInt8]] = []
    ) -> [[UInt8]] {
        ComparisonTrials.list(at: BytePositions(input), comparisons: comparisons, words: words, dictionary: dictionary)
            .map { $0.applied(to: input) }
    }

    private func little(_ value: UInt64, _ width: Int) -> [UInt8] { Number.bytes(value, width, isBigEndian: false) }
    private func big(_ value: UInt64, _ width: Int) -> [UInt8] { Number.bytes(value, width, isBigEndian: true) }
    private let head: [UInt8] = [0x11, 0x22, 0x33]
    private let tail: [UInt8] = [0x44, 0x55]

    @Test("either operand is replaced, in each width, byte order and encoding", arguments: [2, 4, 8])
    func operands(width: Int) {
        let field: UInt64 = 0x2A00, wanted: UInt64 = 0x0C00
        for bytes in [little, big] {
            let input = head + bytes(field, width) + tail
            func becomes(_ value: UInt64, _ comparison: (UInt64, UInt64)) -> Bool {
                trials(input, [Comparison(sizeBytes: 8, left: comparison.0, right: comparison.1)])
                    .contains(head + bytes(value, width) + tail)
            }
            #expect(becomes(wanted, (field, wanted)) && becomes(wanted, (wanted, field)))
            #expect(becomes(wanted - 1, (field, wanted)) && becomes(wanted + 1, (field, wanted)), "beside the operand")
            #expect(becomes(wanted - 1, (field + 1, wanted)), "one off")
            // Sectors: 21 of them are compared with 6.
            #expect(becomes(wanted, (field >> 9, wanted >> 9)))
        }
    }

    @Test("an operand that does not stand in the input, or in too many places, is left alone")
    func unrelated() {
        #expect(trials(head + tail, [Comparison(sizeBytes: 4, left: 0xDEAD, right: 0xBEEF)]).isEmpty)
        let many = (0..<40).flatMap { _ in little(0xABCD, 4) }
        #expect(trials(many, [Comparison(sizeBytes: 4, left: 0xABCD, right: 0x1234)]).isEmpty)
    }

    @Test("equal numbers are changed one by one, and together")
    func together() {
        let input = little(0xABCD, 4) + head + little(0xABCD, 4)
        let all = trials(input, [Comparison(sizeBytes: 4, left: 0xABCD, right: 0x1234)])
        #expect(all.contains(little(0x1234, 4) + head + little(0xABCD, 4)))
        #expect(all.contains(little(0x1234, 4) + head + little(0x1234, 4)))
    }

    @Test("fields get the limits of their width, words of the dictionary, and each other's numbers")
    func fields() {
        let input = head + little(0xABCD_EF01, 8) + tail + little(0x1234_5678, 8)
        let comparisons = [
            Comparison(sizeBytes: 8, left: 0xABCD_EF01, right: 7), Comparison(sizeBytes: 8, left: 0x1234_5678, right: 9),
        ]
        let all = trials(input, comparisons, dictionary: [[1, 2, 3, 4], [9, 9, 9]])
        for value: UInt64 in [.max, 0, 1 << 63, (1 << 63) - 1, 0x1234_5678] {
            #expect(all.contains(head + little(value, 8) + tail + little(0x1234_5678, 8)), "\(value)")
        }
        #expect(all.contains(head + [1, 2, 3, 4, 0, 0, 0, 0] + tail + little(0x1234_5678, 8)))
    }

    @Test("a compared word takes the place of the other one")
    func words() {
        let input = head + Array("password".utf8) + tail
        let all = trials(input, [], words: [WordComparison(left: Array("letmein!".utf8), right: Array("password".utf8))])
        #expect(all == [head + Array("letmein!".utf8) + tail])
    }

    @Test("any input, any comparisons: lengths stay, no two trials are alike, none is the input, the same list again")
    func properties() {
        for seed: UInt64 in 1...60 {
            var random = RandomSource(seed: seed)
            let input = (0..<random.below(300)).map { _ in random.below(3) == 0 ? random.byte() : 0 }
            let comparisons = (0..<200).map { _ in
                let offset = random.below(max(1, input.count - 8))
                let copied = input.count >= 9 ? Number.load(input, offset, 8, isBigEndian: random.coin()) : 0
                let width = [1, 2, 4, 8][random.below(4)]
                return Comparison(
                    sizeBytes: UInt8(width), left: copied & Number.mask(width), right: random.next() >> UInt64(random.below(64)))
            }
            let all = trials(input, comparisons, dictionary: [[0xFF, 0xFF]])
            #expect(all.allSatisfy { $0.count == input.count && $0 != input }, "seed \(seed)")
            #expect(Set(all).count == all.count, "seed \(seed)")
            #expect(all == trials(input, comparisons, dictionary: [[0xFF, 0xFF]]), "seed \(seed)")
            #expect(all.count <= ComparisonTrials.maxOperandTrials + ComparisonTrials.maxFieldTrials, "seed \(seed)")
        }
    }

    @Test("positions are those of a plain search")
    func positions() {
        for seed: UInt64 in 1...40 {
            var random = RandomSource(seed: seed)
            let input = (0..<random.below(200)).map { _ in UInt8(random.below(3)) }
            let positions = BytePositions(input)
            for width in [1, 2, 4, 8] where input.count >= width {
                let value = Number.load(input, random.below(input.count - width + 1), width, isBigEndian: true)
                let word = Number.bytes(value, width, isBigEndian: true)
                let expected = (0...(input.count - width)).filter { Array(input[$0..<($0 + width)]) == word }
                #expect(positions.places(of: value, width: width, isBigEndian: true, limit: 1000) == expected, "seed \(seed)")
                #expect(positions.places(of: word, limit: expected.count - 1).isEmpty, "seed \(seed): too many")
            }
        }
    }

    @Test("what is compared without standing in any input is the target's own")
    func constants() {
        var constants = ConstantComparisons()
        let own = Comparison(sizeBytes: 8, left: 0xE000_4000, right: 0xDFFF_FFFF)
        let fromInput = Comparison(sizeBytes: 8, left: 0x8000, right: 0xDFFF_FFFF)
        constants.learn([own, fromInput], positions: BytePositions(head + little(0x8000, 8)))
        #expect(constants.contains(own) && !constants.contains(fromInput))
    }

    @Test("trials get half of the runs while they find as much as mutations, and a fifth otherwise")
    func budget() {
        func share(trialFinds: Int) -> Double {
            var budget = TrialBudget()
            var trials = 0, runs = 0
            while runs < 50_000 {
                if budget.spend() {
                    trials += 1
                    budget.observeTrial(isFind: trialFinds > 0 && trials % trialFinds == 0)
                } else {
                    budget.earn()
                    budget.observeMutation(isFind: runs % 100 == 0)
                }
                runs += 1
            }
            return Double(trials) / Double(runs)
        }
        #expect(abs(share(trialFinds: 10) - 0.5) < 0.02)
        #expect(abs(share(trialFinds: 0) - 0.2) < 0.03)
    }
}

@Suite("Comparison trials in a campaign")
struct ComparisonTrialCampaignTests {
    /// A number that is compared with two others: the second comparison is made only where the first held.
    private static func target(_ input: [UInt8], _ run: inout SimulatedExecution) {
        run.visit(0)
        guard input.count >= 16 else { return }
        func number(_ offset: Int) -> UInt64 { Number.load(input, offset, 8, isBigEndian: false) }
        run.visit(1)
        run.comparisons.append(Comparison(sizeBytes: 8, left: number(0), right: 0x0BAD_C0DE_F00D))
        guard number(0) == 0x0BAD_C0DE_F00D else { return }
        run.visit(2)
        run.comparisons.append(Comparison(sizeBytes: 8, left: number(8) &+ 1, right: 0x7777_1234_5679))
        if number(8) == 0x7777_1234_5678 { run.outcome = .crashed(signature: "both") }
    }

    private func campaign(seed: UInt64, tries: Bool, lag: Int = 3) -> SimulatedCampaign {
        var options = FuzzerOptions()
        options.seed = seed
        options.triesComparisons = tries
        options.lengthControl = 0
        var campaign = SimulatedCampaign(options: options, lag: lag, target: Self.target)
        campaign.fuzzer.addSeed((1...16).map { UInt8($0 * 7) }, name: "seed")
        return campaign
    }

    @Test("two comparisons, one behind the other, are passed within a few hundred runs", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func chained(seed: UInt64) throws {
        var campaign = campaign(seed: seed, tries: true)
        let runs = try #require(campaign.run(limit: 20_000) { $0.isVerifiedFinding }, "seed \(seed)")
        #expect(runs < 1000, "seed \(seed)")
    }

    @Test("same seed, same campaign; switched off, there is no trial")
    func determinism() {
        var first = campaign(seed: 9, tries: true), second = campaign(seed: 9, tries: true)
        _ = first.run(limit: 3000)
        _ = second.run(limit: 3000)
        #expect(first.requests == second.requests)
        #expect(first.fuzzer.counters.trialExecutions > 0)
        var off = campaign(seed: 9, tries: false)
        _ = off.run(limit: 3000)
        #expect(off.fuzzer.counters.trialExecutions == 0)
    }
}
