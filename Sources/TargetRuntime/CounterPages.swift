import CForkServerABI
import CTargetRuntime

/// The pages that counters lie on, and what else lies there.
///
/// A range is rarely page-aligned: its first and last page hold other variables as well, and ranges that are neighbours
/// share a page. What is not a counter is put back to what it was before serving after every child, so that nothing a
/// child wrote there reaches the next one.
package struct CounterPages {
    private struct Piece {
        var start: UnsafeMutablePointer<UInt8>
        var count: Int
    }
    private struct Span {
        var start: UnsafeMutableRawPointer
        var bytes: Int
        var offset: Int
    }

    /// Counters, ascending by address once settled.
    private let pieces: UnsafeMutablePointer<Piece>
    private var pieceCount = 0
    private let spans: UnsafeMutablePointer<Span>
    private var spanCount = 0
    /// What lies between the counters, and the copies of it.
    private let gaps: UnsafeMutablePointer<Piece>
    private var gapCount = 0
    private var copies: UnsafeMutablePointer<UInt8>?
    private let listBytes: Int
    private var gapBytes = 0
    package private(set) var bytes = 0

    package init(capacity: Int) throws(RuntimeError) {
        let pieceBytes = capacity * MemoryLayout<Piece>.stride
        let spanBytes = capacity * MemoryLayout<Span>.stride
        listBytes = 3 * pieceBytes + spanBytes
        guard let memory = mapPrivate(bytes: listBytes) else {
            throw .failed(FUZZD_STEP_REMAP_COUNTERS, errno: fuzzd_errno())
        }
        pieces = memory.assumingMemoryBound(to: Piece.self)
        gaps = memory.advanced(by: pieceBytes).assumingMemoryBound(to: Piece.self)
        spans = memory.advanced(by: 3 * pieceBytes).assumingMemoryBound(to: Span.self)
    }

    static func page(of address: UnsafeMutablePointer<UInt8>) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: address) & ~(UInt(FUZZD_PAGE_BYTES) - 1))
    }

    /// Keeps the pieces sorted by address.
    package mutating func add(_ start: UnsafeMutablePointer<UInt8>, _ count: Int) {
        var place = pieceCount
        while place > 0, pieces[place - 1].start > start {
            pieces.advanced(by: place).initialize(to: pieces[place - 1])
            place -= 1
        }
        pieces.advanced(by: place).initialize(to: Piece(start: start, count: count))
        pieceCount += 1
    }

    /// Joins pieces whose pages touch, and finds what lies between them. Called once, when all are added.
    package mutating func settle() throws(RuntimeError) {
        var gapBytes = 0
        for index in 0..<pieceCount {
            let piece = pieces[index]
            guard let page = Self.page(of: piece.start) else { continue }
            let end = page.advanced(by: roundedUpToPage(UnsafeMutableRawPointer(piece.start) - page + piece.count))
            if spanCount > 0, page < spans[spanCount - 1].start.advanced(by: spans[spanCount - 1].bytes) {
                let span = spans.advanced(by: spanCount - 1)
                // The gap behind the last piece ends where this one begins.
                let gap = gaps.advanced(by: gapCount - 1)
                gapBytes -= gap.pointee.count
                gap.pointee.count = piece.start - gap.pointee.start
                gapBytes += gap.pointee.count
                if end > span.pointee.start.advanced(by: span.pointee.bytes) {
                    span.pointee.bytes = end - span.pointee.start
                }
            } else {
                spans.advanced(by: spanCount).initialize(to: Span(start: page, bytes: end - page, offset: 0))
                spanCount += 1
                gapBytes += addGap(page.assumingMemoryBound(to: UInt8.self), piece.start)
            }
            let spanEnd = spans[spanCount - 1].start.advanced(by: spans[spanCount - 1].bytes)
            gapBytes += addGap(piece.start.advanced(by: piece.count), spanEnd.assumingMemoryBound(to: UInt8.self))
        }
        for index in 0..<spanCount {
            spans[index].offset = bytes
            bytes += spans[index].bytes
        }
        self.gapBytes = max(1, gapBytes)
        guard let memory = mapPrivate(bytes: self.gapBytes) else {
            throw .failed(FUZZD_STEP_REMAP_COUNTERS, errno: fuzzd_errno())
        }
        copies = memory.assumingMemoryBound(to: UInt8.self)
    }

    private mutating func addGap(_ start: UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>) -> Int {
        gaps.advanced(by: gapCount).initialize(to: Piece(start: start, count: end - start))
        gapCount += 1
        return end - start
    }

    package func fileOffset(of counter: UnsafeMutablePointer<UInt8>) -> Int {
        for index in 0..<spanCount {
            let distance = UnsafeMutableRawPointer(counter) - spans[index].start
            if distance >= 0, distance < spans[index].bytes { return spans[index].offset + distance }
        }
        return 0
    }

    /// Moves the pages to a file, which has nothing but zeroes there.
    package func remap(onto descriptor: Int32, offset: Int) throws(RuntimeError) {
        for index in 0..<spanCount {
            guard copy(spans[index], to: descriptor, at: offset + spans[index].offset) else {
                throw .failed(FUZZD_STEP_REMAP_COUNTERS, errno: fuzzd_errno())
            }
        }
        guard map(descriptor, offset: offset) else { throw .failed(FUZZD_STEP_REMAP_COUNTERS, errno: fuzzd_errno()) }
    }

    /// Pages of zeroes, as most are before the first input, are there already: to write them takes memory, and half a millisecond.
    private func copy(_ span: Span, to descriptor: Int32, at offset: Int) -> Bool {
        let page = Int(FUZZD_PAGE_BYTES)
        for place in stride(from: 0, to: span.bytes, by: page) {
            let start = span.start.advanced(by: place)
            if isZero(start, page) { continue }
            guard fuzzd_raw_pwrite(descriptor, start, page, Int64(offset + place)) == page else { return false }
        }
        return true
    }

    private func isZero(_ memory: UnsafeMutableRawPointer, _ bytes: Int) -> Bool {
        let words = memory.assumingMemoryBound(to: UInt64.self)
        for index in 0..<(bytes / MemoryLayout<UInt64>.stride) where words[index] != 0 { return false }
        return true
    }

    /// Copies what lies between the counters to where other pages for them are, which are zeroes.
    func copyNeighbours(to base: UnsafeMutableRawPointer) {
        for index in 0..<gapCount where gaps[index].count > 0 {
            fuzzd_copy(base.advanced(by: fileOffset(of: gaps[index].start)), gaps[index].start, gaps[index].count)
        }
    }

    /// Maps a file's pages over these; false with errno set when that fails.
    func map(_ descriptor: Int32, offset: Int) -> Bool {
        for index in 0..<spanCount {
            let span = spans[index]
            let place = Int64(offset + span.offset)
            guard fuzzd_raw_map(span.start, span.bytes, MAP_SHARED | MAP_FIXED, descriptor, place) == span.start else {
                return false
            }
        }
        return true
    }

    /// Children have their counters in place and need none of the lists.
    func keepFromChildren() {
        madvise(pieces, roundedUpToPage(listBytes), Int32(MADV_DONTFORK))
        if let copies { madvise(copies, roundedUpToPage(gapBytes), Int32(MADV_DONTFORK)) }
    }

    /// Remembers the neighbours as they are now; called last before serving.
    package func rememberNeighbours() {
        var copy = copies
        for index in 0..<gapCount {
            fuzzd_copy(copy, gaps[index].start, gaps[index].count)
            copy = copy?.advanced(by: gaps[index].count)
        }
    }

    /// Where they are, or where `base` has the same pages.
    package func restoreNeighbours(at base: UnsafeMutableRawPointer? = nil) {
        var copy = copies
        for index in 0..<gapCount where gaps[index].count > 0 {
            let gap = gaps[index]
            fuzzd_copy(base?.advanced(by: fileOffset(of: gap.start)) ?? UnsafeMutableRawPointer(gap.start), copy, gap.count)
            copy = copy?.advanced(by: gaps[index].count)
        }
    }
}
