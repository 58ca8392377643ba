import CForkServerABI
import CTargetRuntime

/// Takes the snapshot of a runner: finds its writable private memory, copies what is there, and protects it.
///
/// Runs on the runner's own loop stack, which is left out like all memory that `exclude` names. What can fail is said
/// by the step and errno.
struct Snapshot {
    private let pageMap: PageMap
    private let userfault: Int32
    /// The runner's loop stack; guard pages keep it a mapping of its own.
    private let excluded: (start: UInt, end: UInt)
    private let segments: UnsafeMutablePointer<TrackedMemory.Segment>
    private let emptyStretches: UnsafeMutablePointer<TrackedMemory.EmptyStretch>
    private var segmentCount = 0
    private var emptyStretchCount = 0
    private var pageCount = 0
    private var copyCount = 0

    private static var capacity: Int { 32768 }
    private static var chunkBytes: UInt { 2 << 20 }

    private init?(excluding memory: (start: UInt, end: UInt)) {
        let userfault = fuzzd_userfault_open()
        guard userfault >= 0, let pageMap = PageMap.open() else { return nil }
        let moved = fuzzd_move_descriptor(userfault, Descriptors.firstOwn)
        guard moved >= 0,
            let segments = mapUntracked(bytes: Self.capacity * MemoryLayout<TrackedMemory.Segment>.stride),
            let stretches = mapUntracked(bytes: Self.capacity * MemoryLayout<TrackedMemory.EmptyStretch>.stride)
        else { return nil }
        self.userfault = moved
        self.pageMap = pageMap
        self.segments = segments.assumingMemoryBound(to: TrackedMemory.Segment.self)
        emptyStretches = stretches.assumingMemoryBound(to: TrackedMemory.EmptyStretch.self)
        excluded = memory
    }

    /// The memory of this process now, tracked from here on; `nil` with errno set when the kernel refuses.
    static func take(excluding memory: (start: UInt, end: UInt)) -> TrackedMemory? {
        guard growStack(), var snapshot = Snapshot(excluding: memory), let map = MappingList.read() else { return nil }
        defer { map.release() }
        for index in 0..<map.count where snapshot.isTracked(map[index]) {
            guard snapshot.survey(map[index]) else { return nil }
        }
        return snapshot.copyAndProtect()
    }

    /// The stack grows by itself into memory that nobody tracks; so it is as long as it may get from the start.
    private static func growStack() -> Bool {
        guard let map = MappingList.read() else { return false }
        defer { map.release() }
        let longest: UInt = 64 << 20
        for index in 0..<map.count where map[index].isStack {
            fuzzd_grow_stack(UInt64(map[index].start), UInt64(map[index].end), UInt64(longest))
        }
        return true
    }

    private func isTracked(_ mapping: Mapping) -> Bool {
        mapping.isWritable && !mapping.isShared && !mapping.isKernels && mapping.start != excluded.start
    }

    /// Divides a mapping into segments and empty stretches by its 2 MiB chunks.
    private mutating func survey(_ mapping: Mapping) -> Bool {
        guard fuzzd_userfault_register(userfault, UInt64(mapping.start), UInt64(mapping.bytes)) == 0 else { return false }
        var lastChunk = UInt.max
        var segmentEnd = mapping.start
        var own = 0
        var isFull = false
        var current = self
        let isRead = pageMap.visitPages(from: mapping.start, to: mapping.end) { address, kind in
            if kind == .own { own += 1 }
            let chunk = address & ~(Self.chunkBytes - 1)
            guard chunk != lastChunk else { return }
            lastChunk = chunk
            let start = max(chunk, mapping.start)
            let end = min(chunk + Self.chunkBytes, mapping.end)
            if start == segmentEnd, current.segmentCount > 0,
                current.segments[current.segmentCount - 1].end == start, start != mapping.start
            {
                current.segments[current.segmentCount - 1].end = end
            } else {
                if start > segmentEnd { isFull = isFull || !current.addEmptyStretch(segmentEnd, start) }
                isFull = isFull || !current.addSegment(start, end)
            }
            segmentEnd = end
        }
        self = current
        copyCount += own
        if segmentEnd < mapping.end, !addEmptyStretch(segmentEnd, mapping.end) { isFull = true }
        return isRead && !isFull
    }

    private mutating func addSegment(_ start: UInt, _ end: UInt) -> Bool {
        guard segmentCount < Self.capacity else { return false }
        segments[segmentCount] = TrackedMemory.Segment(start: start, end: end, firstPage: 0)
        segmentCount += 1
        return true
    }

    private mutating func addEmptyStretch(_ start: UInt, _ end: UInt) -> Bool {
        guard emptyStretchCount < Self.capacity else { return false }
        emptyStretches[emptyStretchCount] = TrackedMemory.EmptyStretch(start: start, end: end)
        emptyStretchCount += 1
        return true
    }

    private mutating func copyAndProtect() -> TrackedMemory? {
        let page = UInt(FUZZD_PAGE_BYTES)
        for index in 0..<segmentCount {
            segments[index].firstPage = pageCount
            pageCount += Int((segments[index].end - segments[index].start) / page)
        }
        let pageBytes = roundedUpToPage(max(1, pageCount) * MemoryLayout<TrackedMemory.Page>.stride)
        let contentBytes = (copyCount + TrackedMemory.spareCopies) * Int(page)
        guard let pageTable = mapUntracked(bytes: pageBytes), let contents = mapUntracked(bytes: contentBytes) else {
            return nil
        }
        let pages = pageTable.assumingMemoryBound(to: TrackedMemory.Page.self)
        var copies = 0
        for index in 0..<segmentCount {
            let segment = segments[index]
            let isRead = pageMap.visitPages(from: segment.start, to: segment.end) { address, kind in
                guard kind == .own, copies < copyCount, let place = UnsafeRawPointer(bitPattern: address) else { return }
                fuzzd_copy_page(contents.advanced(by: copies * Int(page)), place)
                copies += 1
                pages[segment.firstPage + Int((address - segment.start) / page)].copy = UInt32(copies)
            }
            guard isRead,
                fuzzd_userfault_protect(userfault, UInt64(segment.start), UInt64(segment.end - segment.start)) == 0
            else { return nil }
        }
        return TrackedMemory(
            userfault: userfault, pageMap: pageMap, segments: segments, segmentCount: segmentCount,
            emptyStretches: emptyStretches, emptyStretchCount: emptyStretchCount, pages: pages, contents: contents,
            copies: copies)
    }
}
