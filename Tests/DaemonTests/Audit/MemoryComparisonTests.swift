import Daemon
import Testing

@Suite struct MemoryComparisonTests {
    private static let everything: [ClosedRange<UInt64>] = [0x1000...0x107F, 0x10000...0x10FFF]

    private func words(_ before: MemoryImage, _ after: MemoryImage) -> [UInt64: UInt8] {
        var comparison = MemoryComparison(before: before, after: after)
        comparison.run(changed: Self.everything)
        return comparison.words
    }

    private func image(_ contents: [[UInt64]], _ variables: ([UInt64]) -> [UInt64]) -> MemoryImage {
        var heap = HandmadeHeap()
        for words in contents { heap.add(words) }
        heap.end()
        return heap.image(variables: variables(heap.blocks))
    }

    @Test func aRegisterThatDiffersIsFoundInItsBlock() {
        let before = image([[7, 8, 9]]) { [$0[0], 5] }
        let after = image([[7, 0x108, 9]]) { [$0[0], 5] }
        #expect(words(before, before).isEmpty)
        #expect(words(before, after) == [HandmadeHeap.start + 24: 0b10])
    }

    @Test func aVariableThatDiffersIsFound() {
        let before = image([[7]]) { [$0[0], 5] }
        let after = image([[7]]) { [$0[0], 6] }
        #expect(words(before, after) == [0x1008: 1])
    }

    /// A structure was freed and built anew in another place, with other pointers between its parts.
    @Test func whatWasBuiltAnewAlikeIsTheSame() {
        let (first, second) = (HandmadeHeap.start + 16, HandmadeHeap.start + 48)
        let before = image([[7, second], [8, 8]]) { _ in [first] }
        let after = image([[8, 8], [7, first]]) { _ in [second] }
        #expect(words(before, after).isEmpty)
        let changed = image([[8, 9], [7, first]]) { _ in [second] }
        #expect(words(before, changed)[first + 8] == 1, "told by the pointer to it, by its place before")
    }

    /// Both are there before and after: the pointer is state.
    @Test func aPointerToAnotherBlockIsADifference() {
        let before = image([[1, 1, 1], [2, 2, 2]]) { [$0[0], $0[0], $0[1]] }
        let after = image([[1, 1, 1], [2, 2, 2]]) { [$0[1], $0[0], $0[1]] }
        #expect(Array(words(before, after).keys) == [0x1000])
    }

    @Test func whatIsFreeIsNoState() {
        var heap = HandmadeHeap()
        heap.add([1, 2])
        heap.add([3, 4], previousInUse: false)
        heap.end()
        var other = HandmadeHeap()
        other.add([9, 9])
        other.add([3, 4], previousInUse: false)
        other.end()
        #expect(words(heap.image(variables: []), other.image(variables: [])).isEmpty)
    }

    @Test func growthIsToldOfEachWord() {
        let before = image([[7, 8, 9]]) { [$0[0], 5] }
        let after = image([[7, 0x108, 9]]) { [$0[0], 5] }
        var comparison = MemoryComparison(before: before, after: after)
        comparison.run(changed: Self.everything)
        #expect(comparison.growth == [HandmadeHeap.start + 24: 0x100])
    }

    /// What grows by as much as a clock, whenever it differs, is a moment; what did so once by chance is not.
    @Test func momentsDifferAsTheClockDoes() {
        var ledger = AuditLedger()
        let clock: UInt64 = 0x100
        for (index, step) in [UInt64(1000), 2000, 3000].enumerated() {
            let growth = [clock: step, 0x200: step, 0x300: index == 0 ? step : 7, 0x400: index == 1 ? step : 0].filter { $0.value > 0 }
            ledger.add(
                AuditLedger.Input(fileName: "\(index)", bytes: 1), growth.mapValues { _ in 1 }, growth: growth)
        }
        ledger.add(AuditLedger.Input(fileName: "still", bytes: 1), [0x500: 1], growth: [0x500: 1000])
        #expect(ledger.moments { $0 == clock } == [clock, 0x200, 0x400])
        #expect(ledger.moments { _ in false }.isEmpty)
    }

    @Test func noiseIsKeptApartAndNeighboursAreOnePlace() throws {
        var ledger = AuditLedger()
        ledger.addNoise([0x100: 1])
        ledger.add(AuditLedger.Input(fileName: "large", bytes: 30), [0x100: 1, 0x200: 0b10, 0x208: 1])
        ledger.add(AuditLedger.Input(fileName: "small", bytes: 3), [0x208: 1])
        ledger.add(AuditLedger.Input(fileName: "clean", bytes: 1), [:])
        let entries = ledger.entries { _, _ in true }
        #expect(entries.map(\.address) == [0x100, 0x201])
        #expect(entries.map(\.isNoise) == [true, false])
        #expect(entries.map(\.bytes) == [1, 2])
        #expect(ledger.smallest(entries[1].inputs)?.fileName == "small")
        #expect(ledger.entries { _, _ in false }.count == 3, "two owners")
    }
}
