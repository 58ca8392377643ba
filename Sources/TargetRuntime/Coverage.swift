import CForkServerABI
import CTargetRuntime

/// The counters of every instrumented module, remapped onto this worker's file so that what a child counts is
/// in the machine parent's memory at once, whatever kills the child.
///
/// A module's range is rarely page-aligned. Its first and last page are shared as well, with whatever variables
/// the linker put there; `restoreEdges` puts those neighbours back to what they were before serving, after every
/// child. Owned by the machine parent of one worker.
struct Coverage {
    /// One module's place. `edges` holds the pristine neighbours: head bytes, then tail bytes.
    struct Range {
        var start: UnsafeMutablePointer<UInt8>
        var count: Int
        var pageStart: UnsafeMutableRawPointer
        var pageBytes: Int
        var headBytes: Int
        var tailBytes: Int
        var edges: UnsafeMutablePointer<UInt8>
    }

    private let ranges: UnsafeMutablePointer<Range>
    let rangeCount: Int
    let counterCount: Int
    let pageBytes: Int

    /// Measures the registered modules without touching them.
    static func survey() throws(RuntimeError) -> Coverage {
        let count = fuzzd_module_count()
        guard count > 0 else {
            throw RuntimeError(status: FUZZD_HELLO_NO_COVERAGE, step: FUZZD_STEP_NONE, detail: 0)
        }
        guard let memory = mapPrivate(bytes: count * MemoryLayout<Range>.stride) else {
            throw .failed(FUZZD_STEP_REMAP_COUNTERS, errno: fuzzd_errno())
        }
        let ranges = memory.assumingMemoryBound(to: Range.self)
        var counters = 0
        var bytes = 0
        for index in 0..<count {
            let module = fuzzd_module_at(index)
            guard let start = module.start, let stop = module.stop else { continue }
            let range = try survey(start: start, count: stop - start)
            ranges.advanced(by: index).initialize(to: range)
            counters += range.count
            bytes += range.pageBytes
        }
        return Coverage(ranges: ranges, rangeCount: count, counterCount: counters, pageBytes: bytes)
    }

    private static func survey(start: UnsafeMutablePointer<UInt8>, count: Int) throws(RuntimeError) -> Range {
        let page = UInt(FUZZD_PAGE_BYTES)
        let first = UInt(bitPattern: start) & ~(page - 1)
        let head = Int(UInt(bitPattern: start) - first)
        let bytes = roundedUpToPage(head + count)
        guard let pageStart = UnsafeMutableRawPointer(bitPattern: first),
            let edges = mapPrivate(bytes: 2 * Int(page))
        else { throw .failed(FUZZD_STEP_REMAP_COUNTERS, errno: fuzzd_errno()) }
        return Range(
            start: start, count: count, pageStart: pageStart, pageBytes: bytes, headBytes: head,
            tailBytes: bytes - head - count, edges: edges.assumingMemoryBound(to: UInt8.self))
    }

    /// Maps the counters' pages `MAP_SHARED|MAP_FIXED` onto the worker's file, contents kept, counters cleared.
    func remap(onto file: WorkerFile) throws(RuntimeError) {
        var offset = Int(file.header.pointee.counters_offset)
        for index in 0..<rangeCount {
            let range = ranges[index]
            guard pwrite(file.descriptor, range.pageStart, range.pageBytes, off_t(offset)) == range.pageBytes,
                mmap(
                    range.pageStart, range.pageBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                    file.descriptor, off_t(offset)) == range.pageStart
            else { throw .failed(FUZZD_STEP_REMAP_COUNTERS, errno: fuzzd_errno()) }
            offset += range.pageBytes
        }
        clear()
    }

    /// Remembers the neighbours as they are now; called last before serving.
    func rememberEdges() {
        for index in 0..<rangeCount {
            let range = ranges[index]
            range.edges.update(from: range.pageStart.assumingMemoryBound(to: UInt8.self), count: range.headBytes)
            range.edges.advanced(by: range.headBytes)
                .update(from: range.start.advanced(by: range.count), count: range.tailBytes)
        }
    }

    /// Puts the neighbours back, so that nothing a child wrote there reaches the next one.
    func restoreEdges() {
        for index in 0..<rangeCount {
            let range = ranges[index]
            range.pageStart.assumingMemoryBound(to: UInt8.self).update(from: range.edges, count: range.headBytes)
            range.start.advanced(by: range.count)
                .update(from: range.edges.advanced(by: range.headBytes), count: range.tailBytes)
        }
    }

    func clear() {
        for index in 0..<rangeCount {
            ranges[index].start.update(repeating: 0, count: ranges[index].count)
        }
    }

    /// Writes every counter that is not zero to `list` as `edge << 8 | hits`, clears it, and returns their number.
    ///
    /// `list` has room for all counters. Eight counters are looked at a time: nearly all are zero.
    func collect(into list: UnsafeMutablePointer<UInt32>) -> Int {
        var found = 0
        var firstEdge = 0
        for index in 0..<rangeCount {
            let range = ranges[index]
            var position = 0
            while position < range.count {
                let counter = range.start.advanced(by: position)
                if UInt(bitPattern: counter) & 7 == 0, range.count - position >= 8 {
                    let word = UnsafeRawPointer(counter).load(as: UInt64.self)
                    if word != 0 {
                        append(word, edge: firstEdge + position, to: list, &found)
                        UnsafeMutableRawPointer(counter).storeBytes(of: 0, as: UInt64.self)
                    }
                    position += 8
                } else {
                    if counter.pointee != 0 {
                        list[found] = UInt32(truncatingIfNeeded: firstEdge + position) << 8 | UInt32(counter.pointee)
                        found += 1
                        counter.pointee = 0
                    }
                    position += 1
                }
            }
            firstEdge += range.count
        }
        return found
    }

    /// Splits a word of eight counters, lowest address first (both supported machines are little-endian).
    @inline(__always)
    private func append(_ word: UInt64, edge: Int, to list: UnsafeMutablePointer<UInt32>, _ found: inout Int) {
        var rest = word
        while rest != 0 {
            let byte = rest.trailingZeroBitCount >> 3
            let hits = UInt32(truncatingIfNeeded: rest >> UInt64(byte * 8)) & 0xFF
            list[found] = UInt32(truncatingIfNeeded: edge + byte) << 8 | hits
            found += 1
            rest &= ~(0xFF << UInt64(byte * 8))
        }
    }
}
