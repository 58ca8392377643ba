/// The blocks of `glibc`'s main heap, found by walking the chunk headers (malloc/malloc.c, "Chunk representations").
package struct HeapBlocks {
    /// First byte that the program may use of each block, ascending.
    package private(set) var starts: [UInt64] = []
    /// Usable bytes of each block.
    package private(set) var sizes: [UInt64] = []
    package private(set) var isFree: [Bool] = []
    private(set) var end: UInt64 = 0
    /// Header of the last chunk, from which new ones are cut.
    private(set) var topChunk: UInt64 = 0
    /// Where the arena keeps that, among the C library's variables; 0: not found.
    private var topPlace: UInt64 = 0

    private enum Layout {
        static let headerBytes: UInt64 = 16
        static let smallestChunk: UInt64 = 32
        static let flags: UInt64 = 7
        static let previousInUse: UInt64 = 1
        /// Of the first chunk, in which `glibc` 2.30 to 2.41 keep the lists of freed blocks of the first thread.
        static let threadCacheBytes: UInt64 = 0x290
        static let threadCacheBins: UInt64 = 64
        static let threadCacheEntries: UInt64 = 128
        static let fastBins: UInt64 = 10
        /// From `fastbinsY` to `top` in `struct malloc_state`.
        static let fastBinsToTop: UInt64 = 0x50
    }

    package init() {}

    /// Walks a heap from its first byte to the first chunk that cannot be one.
    package init(heap: MemoryImage.Segment) {
        end = heap.end
        var chunk = heap.start
        while let field = heap.word(chunk + 8) {
            let bytes = field & ~Layout.flags
            guard bytes >= Layout.smallestChunk, bytes % 16 == 0, bytes <= heap.end - chunk else { break }
            if field & Layout.previousInUse == 0, !isFree.isEmpty { isFree[isFree.count - 1] = true }
            starts.append(chunk + Layout.headerBytes)
            // The last eight bytes are the next chunk's header.
            sizes.append(bytes - 8)
            isFree.append(false)
            topChunk = chunk
            chunk += bytes
            if chunk + Layout.headerBytes > heap.end { break }
        }
        if !isFree.isEmpty { isFree[isFree.count - 1] = true }
    }

    var count: Int { starts.count }

    /// The block that an address lies in; `nil` outside, and in headers.
    package func block(at address: UInt64) -> Int? {
        guard let first = starts.first, address >= first, address < end else { return nil }
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= address { low = middle + 1 } else { high = middle }
        }
        let index = low - 1
        return address - starts[index] < sizes[index] ? index : nil
    }

    /// Of each block its index in a later heap, if it is used there, where it was and as long; else negative.
    func counterparts(in later: HeapBlocks) -> [Int] {
        var other = 0
        return starts.indices.map { index in
            while other < later.count, later.starts[other] < starts[index] { other += 1 }
            guard other < later.count, later.starts[other] == starts[index], later.sizes[other] == sizes[index],
                !isFree[index], !later.isFree[other]
            else { return -1 }
            return other
        }
    }

    /// The arena is where an earlier heap had it.
    mutating func knowArena(of earlier: HeapBlocks) { topPlace = earlier.topPlace }

    /// A block that the program uses.
    package func usedBlock(at address: UInt64) -> Int? {
        block(at: address).flatMap { isFree[$0] ? nil : $0 }
    }

    /// Small blocks that were freed still look used: those in the first thread's cache and in the arena's fast bins, whose
    /// links are hidden by their own addresses.
    package mutating func markCachedAsFree(in image: MemoryImage) {
        if let first = starts.first, sizes[0] + 8 == Layout.threadCacheBytes { markThreadCaches(first, in: image) }
        markFastBins(in: image)
    }

    private mutating func markThreadCaches(_ first: UInt64, in image: MemoryImage) {
        var key: UInt64?
        for bin in 0..<Layout.threadCacheBins {
            guard let head = image.word(first + Layout.threadCacheEntries + 8 * bin) else { return }
            markList(from: head, linkOffset: 0, in: image) { key = key ?? image.word($0 + 8) }
        }
        // Other threads' caches mark their blocks with the same key.
        if let key, key > 1 << 32 {
            for index in starts.indices where image.word(starts[index] + 8) == key { isFree[index] = true }
        }
    }

    private mutating func markFastBins(in image: MemoryImage) {
        if topPlace == 0 || image.word(topPlace) != topChunk { topPlace = findTop(image) }
        guard topPlace != 0 else { return }
        for bin in 0..<Layout.fastBins {
            let head = image.word(topPlace - Layout.fastBinsToTop + 8 * bin) ?? 0
            // Fast bins hold chunks, not blocks.
            if head != 0 { markList(from: head + Layout.headerBytes, linkOffset: Layout.headerBytes, in: image) }
        }
    }

    private func findTop(_ image: MemoryImage) -> UInt64 {
        for segment in image.segments where segment.isRoot {
            var address = segment.start + Layout.fastBinsToTop
            while let word = segment.word(address) {
                // Empty bins follow, which point to themselves, or the last remainder does.
                if word == topChunk, let next = segment.word(address + 16), next != 0 { return address }
                address += 8
            }
        }
        return 0
    }

    private mutating func markList(
        from head: UInt64, linkOffset: UInt64, in image: MemoryImage, _ visit: (UInt64) -> Void = { _ in }
    ) {
        var block = head
        var turns = 0
        while let index = self.block(at: block), starts[index] == block, turns < starts.count {
            isFree[index] = true
            visit(block)
            guard let hidden = image.word(block) else { return }
            let next = hidden ^ (block >> 12)
            guard next != 0 else { return }
            block = next + linkOffset
            turns += 1
        }
    }
}
