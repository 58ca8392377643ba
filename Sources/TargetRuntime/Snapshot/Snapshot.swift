import CForkServerABI
import CTargetRuntime

/// Takes the snapshot of a runner: finds its writable private memory, copies what is there, and protects it.
///
/// Runs on the runner's own loop stack, which is left out, while all other threads are parked. What can fail leaves errno.
struct Snapshot {
    private let pageMap: PageMap
    private let userfault: Int32
    /// The runner's loop stack; guard pages keep it a mapping of its own.
    private let excluded: (start: UInt, end: UInt)
    private let stretches: UnsafeMutablePointer<TrackedMemory.Stretch>
    private var groups: ScanGroups
    private static var bridgeBytes: Int { 4 << 20 }
    private var stretchCount = 0
    private var pageCount = 0
    private var ownPageCount = 0

    private init?(excluding memory: (start: UInt, end: UInt)) {
        let userfault = fuzzd_userfault_open()
        guard userfault >= 0, let pageMap = PageMap.open() else { return nil }
        let moved = fuzzd_move_descriptor(userfault, Descriptors.firstOwn)
        guard moved >= 0,
            let stretches = mapUntracked(
                bytes: TrackedMemory.stretchCapacity * MemoryLayout<TrackedMemory.Stretch>.stride),
            let groups = ScanGroups.map()
        else { return nil }
        self.userfault = moved
        self.pageMap = pageMap
        self.stretches = stretches.assumingMemoryBound(to: TrackedMemory.Stretch.self)
        self.groups = groups
        excluded = memory
    }

    /// The memory of this process now, tracked from here on; `nil` with errno set when the kernel refuses.
    static func take(excluding memory: (start: UInt, end: UInt), pristine: PristinePages?) -> TrackedMemory? {
        guard growStack(), var snapshot = Snapshot(excluding: memory), let map = MappingList.read() else { return nil }
        defer { map.release() }
        for index in 0..<map.count where snapshot.isRegistered(map[index]) {
            guard snapshot.register(map[index]) else { return nil }
        }
        return snapshot.copyAndProtect(pristine)
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

    private func isPutBack(_ mapping: Mapping) -> Bool {
        (mapping.isWritable || mapping.isReservation) && !mapping.isShared && !mapping.isKernels && mapping.start != excluded.start
    }

    /// A small mapping that is not put back, but would part what lies on both sides of it: it is scanned with them, which
    /// costs less than another call.
    private func isBridge(_ mapping: Mapping) -> Bool {
        let isUntouchable = !mapping.isReadable && !mapping.isWritable && !mapping.isShared
        return !isPutBack(mapping) && !mapping.isKernels && mapping.start != excluded.start
            && (isUntouchable || mapping.bytes <= Self.bridgeBytes)
    }

    private func isRegistered(_ mapping: Mapping) -> Bool { isPutBack(mapping) || isBridge(mapping) }

    private mutating func register(_ mapping: Mapping) -> Bool {
        let start = UInt64(mapping.start)
        let bytes = UInt64(mapping.bytes)
        guard fuzzd_userfault_register(userfault, start, bytes) == 0 else { return false }
        if mapping.isReservation { return surveyReservation(mapping) }
        if isPutBack(mapping) { return survey(mapping) }
        // Protected, it is not named by a scan; what is shared may be written to, and is passed over when it is named.
        return mapping.isShared || mapping.isWritable || !mapping.isReadable
            || fuzzd_userfault_protect(userfault, start, bytes) == 0
    }

    /// Joins registered mappings with nothing else between them. After all memory of the runtime's own was mapped, which
    /// the kernel puts into any gap.
    private mutating func findGroups() -> Bool {
        guard let map = MappingList.read() else { return false }
        defer { map.release() }
        var isOpen = false
        for index in 0..<map.count {
            guard isRegistered(map[index]) else {
                isOpen = false
                continue
            }
            if !isOpen {
                guard isPutBack(map[index]) else { continue }
                guard groups.add(map[index].start, map[index].end) else { return false }
                isOpen = true
            }
            if isPutBack(map[index]) { groups.extendLast(to: map[index].end) }
        }
        return true
    }

    /// Divides a mapping into tracked and empty stretches by its chunks.
    private mutating func survey(_ mapping: Mapping) -> Bool {
        let chunkBytes = TrackedMemory.chunkBytes
        let page = UInt(FUZZD_PAGE_BYTES)
        var tracked = (start: mapping.start, end: mapping.start)
        var current = self
        var isFull = false
        let isRead = pageMap.visitRuns(from: mapping.start, to: mapping.end) { first, end, kind in
            if kind == .own { current.ownPageCount += Int((end - first) / page) }
            let start = max(first & ~(chunkBytes - 1), mapping.start)
            let stop = min((end + chunkBytes - 1) & ~(chunkBytes - 1), mapping.end)
            if start > tracked.end {
                isFull = isFull || !current.add(tracked.start, tracked.end, isEmpty: false)
                isFull = isFull || !current.add(tracked.end, start, isEmpty: true)
                tracked.start = start
            }
            tracked.end = max(tracked.end, stop)
        }
        self = current
        return isRead && !isFull && add(tracked.start, tracked.end, isEmpty: false)
            && add(tracked.end, mapping.end, isEmpty: true)
    }

    /// What an input writes to a reservation, after it made it accessible, is given back. One with pages cannot be copied, and
    /// nobody can write to it; what an input makes of it costs the runner, because a change of old protections is noted.
    private mutating func surveyReservation(_ mapping: Mapping) -> Bool {
        var hasPages = false
        let isRead = pageMap.visitRuns(from: mapping.start, to: mapping.end) { _, _, _ in hasPages = true }
        guard isRead, !hasPages else { return isRead }
        guard add(mapping.start, mapping.end, isEmpty: true) else { return false }
        stretches[stretchCount - 1].isReservation = true
        return true
    }

    private mutating func add(_ start: UInt, _ end: UInt, isEmpty: Bool) -> Bool {
        guard start < end else { return true }
        guard stretchCount < TrackedMemory.stretchCapacity else { return false }
        stretches[stretchCount] = TrackedMemory.Stretch(start: start, end: end, firstPage: isEmpty ? -1 : pageCount)
        stretchCount += 1
        if isEmpty { return protectEnds(start, end) }
        pageCount += Int((end - start) / UInt(FUZZD_PAGE_BYTES))
        return true
    }

    /// The first and last part of a chunk may have a page table that others need: what is not protected there would be named by
    /// every scan.
    private func protectEnds(_ start: UInt, _ end: UInt) -> Bool {
        let chunk = TrackedMemory.chunkBytes
        let head = min((start + chunk - 1) & ~(chunk - 1), end)
        let tail = max(end & ~(chunk - 1), head)
        return (head == start || fuzzd_userfault_protect(userfault, UInt64(start), UInt64(head - start)) == 0)
            && (tail == end || fuzzd_userfault_protect(userfault, UInt64(tail), UInt64(end - tail)) == 0)
    }

    private mutating func copyAndProtect(_ pristine: PristinePages?) -> TrackedMemory? {
        let page = UInt(FUZZD_PAGE_BYTES)
        let pageBytes = (pageCount + TrackedMemory.sparePages) * MemoryLayout<TrackedMemory.Page>.stride
        guard let table = mapUntracked(bytes: pageBytes), var copies = PageCopies.map(pages: ownPageCount, pristine: pristine),
            let counts = ChunkCounts.map(), let touched = TouchedChunks.map(), let hotPages = HotPages.map(),
            let faults = FaultLog.open(), findGroups()
        else { return nil }
        let pages = table.assumingMemoryBound(to: TrackedMemory.Page.self)
        var isCopied = true
        for index in 0..<stretchCount where !stretches[index].isEmpty {
            let stretch = stretches[index]
            let isRead = pageMap.visitRuns(from: stretch.start, to: stretch.end) { first, end, kind in
                guard kind == .own else { return }
                var address = first
                while address < end {
                    let copy = copies.keep(address)
                    pages[stretch.firstPage + Int((address - stretch.start) / page)].copy = copy
                    isCopied = isCopied && copy != 0
                    address += page
                }
            }
            guard isRead, isCopied,
                fuzzd_userfault_protect(userfault, UInt64(stretch.start), UInt64(stretch.end - stretch.start)) == 0
            else { return nil }
        }
        groups.settle(stretches, count: stretchCount)
        return TrackedMemory(
            userfault: userfault, pageMap: pageMap, stretches: stretches, stretchCount: stretchCount, groups: groups, pages: pages, pageCount: pageCount, copies: copies,
            touchedChunks: counts, touched: touched, hotPages: hotPages, faults: faults)
    }
}
