import Daemon
import Testing

/// A heap as `glibc` lays it out, written by hand.
struct HandmadeHeap {
    static let start: UInt64 = 0x10000
    private(set) var bytes: [UInt8] = []
    private(set) var blocks: [UInt64] = []

    /// Appends a chunk in use with the given words, an even number; returns its block's address.
    @discardableResult
    mutating func add(_ words: [UInt64], previousInUse: Bool = true) -> UInt64 {
        let size = UInt64(max(32, (words.count * 8 + 8 + 15) / 16 * 16))
        let address = Self.start + UInt64(bytes.count) + 16
        append(0)
        append(size | (previousInUse ? 1 : 0))
        for index in 0..<Int(size - 16) / 8 { append(index < words.count ? words[index] : 0) }
        blocks.append(address)
        return address
    }

    /// Appends the rest of the heap, as the top chunk.
    mutating func end() {
        append(0)
        append(0x101)
        for _ in 0..<30 { append(0) }
    }

    private mutating func append(_ word: UInt64) {
        for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * byte))) }
    }

    static func segment(start: UInt64, words: [UInt64]) -> MemoryImage.Segment {
        MemoryImage.Segment(
            start: start, bytes: words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } },
            isRoot: true)
    }

    /// The heap with variables at 0x1000.
    func image(variables: [UInt64]) -> MemoryImage {
        let heap = MemoryImage.Segment(start: Self.start, bytes: bytes, isRoot: false)
        var image = MemoryImage(segments: [Self.segment(start: 0x1000, words: variables), heap])
        image.heap = HeapBlocks(heap: heap)
        image.heap.markCachedAsFree(in: image)
        return image
    }
}

@Suite struct HeapBlocksTests {
    @Test func chunksAreWalkedToTheTop() {
        var heap = HandmadeHeap()
        let first = heap.add([1, 2])
        let second = heap.add([3, 4, 5, 6, 7])
        heap.end()
        let blocks = heap.image(variables: []).heap
        #expect(Array(blocks.starts.prefix(2)) == [first, second])
        #expect(Array(blocks.sizes.prefix(2)) == [24, 40])
        #expect(blocks.usedBlock(at: second + 39) == 1)
        #expect(blocks.usedBlock(at: second - 8) == nil, "a header")
        #expect(blocks.isFree.last == true, "the top chunk")
    }

    @Test func aChunkBeforeOneThatSaysSoIsFree() {
        var heap = HandmadeHeap()
        heap.add([1, 2])
        heap.add([3, 4], previousInUse: false)
        heap.end()
        #expect(Array(heap.image(variables: []).heap.isFree.prefix(2)) == [true, false])
    }

    @Test func fastBinsAreFree() {
        var heap = HandmadeHeap()
        let first = heap.add([1, 2])
        // The link to the first one, hidden by its own address.
        let second = HandmadeHeap.start + 32 + 16
        heap.add([(first - 16) ^ (second >> 12), 0])
        heap.add([5, 6])
        // The first one is the end of the list.
        heap.end()
        var variables = [UInt64](repeating: 0, count: 14)
        variables[0] = second - 16
        variables[10] = HandmadeHeap.start + 96
        variables[12] = 1
        #expect(Array(heap.image(variables: variables).heap.isFree.prefix(3)) == [true, true, false])
    }

    @Test func nonsenseEndsTheWalk() {
        let noise = MemoryImage.Segment(start: 0x10000, bytes: Array(repeating: 0xA7, count: 4096), isRoot: false)
        #expect(HeapBlocks(heap: noise).starts.isEmpty)
        #expect(HeapBlocks(heap: MemoryImage.Segment(start: 0x10000, bytes: [1, 2, 3], isRoot: false)).starts.isEmpty)
    }
}
