/// The pointers to used blocks of the heap in an image: those in variables, and those in each block. A value, made once.
struct PointerMap {
    struct Pointer {
        /// Where it stands.
        var place: UInt64
        /// The block that it points into.
        var block: Int
    }

    /// In variables, ascending.
    private(set) var roots: [Pointer] = []
    /// Of all blocks, in their order.
    private var inBlocks: [Pointer] = []
    /// Of each block the index of its first pointer; one more at the end.
    private var first: [Int] = []

    init(_ image: MemoryImage) {
        for segment in image.segments where segment.isRoot {
            Self.scan(segment, from: (segment.start + 7) & ~7, to: segment.end, image.heap, &roots)
        }
        first.reserveCapacity(image.heap.count + 1)
        let heap = image.heap.starts.first.flatMap { image.segment(at: $0) }.map { image.segments[$0] }
        for block in 0..<image.heap.count {
            first.append(inBlocks.count)
            guard let heap, !image.heap.isFree[block] else { continue }
            let start = image.heap.starts[block]
            Self.scan(heap, from: start, to: start + image.heap.sizes[block], image.heap, &inBlocks)
        }
        first.append(inBlocks.count)
    }

    subscript(block: Int) -> ArraySlice<Pointer> { inBlocks[first[block]..<first[block + 1]] }

    private static func scan(
        _ segment: MemoryImage.Segment, from start: UInt64, to end: UInt64, _ heap: HeapBlocks, _ found: inout [Pointer]
    ) {
        guard let lowest = heap.starts.first else { return }
        segment.bytes.withUnsafeBytes { bytes in
            var offset = Int(start - segment.start)
            let stop = Int(end - segment.start)
            while offset + 8 <= stop {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                if word >= lowest, word < heap.end, let block = heap.usedBlock(at: word) {
                    found.append(Pointer(place: segment.start + UInt64(offset), block: block))
                }
                offset += 8
            }
        }
    }
}
