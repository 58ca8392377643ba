import CForkServerABI
import CTargetRuntime

/// The contents of the target's pages when the machine was ready, copied once for the runners of all workers.
///
/// Filled by worker 0's machine parent before it forks the others. A machine parent may write to a page afterwards, so a
/// runner takes a page's copy from here only where the page is still the same, and else makes one of its own. Runners map the
/// copies read-only: a stray write of an input faults as it does under `fork`, and cannot reach another worker.
struct PristinePages {
    private struct Run {
        var start: UInt
        var end: UInt
        /// Number of the copy of its first page, from 1.
        var first: UInt32
    }

    private let descriptor: Int32
    private let runs: UnsafeMutablePointer<Run>
    private var runCount = 0
    private(set) var count = 0

    /// What does not fit is copied by each runner.
    private static var runCapacity: Int { 65536 }

    /// Copies the pages of this process's writable private memory; `nil` where that is not possible: each runner copies all
    /// of them then.
    static func keep() -> PristinePages? {
        guard let map = MappingList.read() else { return nil }
        defer { map.release() }
        guard let pageMap = PageMap.open() else { return nil }
        defer { pageMap.release() }
        guard var pages = PristinePages() else { return nil }
        for index in 0..<map.count where map[index].isWritable && !map[index].isShared && !map[index].isKernels {
            var current = pages
            var isKept = true
            let isRead = pageMap.visitRuns(from: map[index].start, to: map[index].end) { start, end, kind in
                if kind == .own { isKept = isKept && current.add(start, end) }
            }
            pages = current
            guard isRead, isKept else {
                pages.release()
                return nil
            }
        }
        return pages
    }

    private init?() {
        let opened = fuzzd_memfd(cString("fuzzd-pristine-pages"))
        guard opened >= 0 else { return nil }
        let moved = fuzzd_move_descriptor(opened, Descriptors.firstOwn)
        guard moved >= 0, let memory = mapUntracked(bytes: Self.runCapacity * MemoryLayout<Run>.stride) else {
            close(max(moved, opened))
            return nil
        }
        descriptor = moved
        runs = memory.assumingMemoryBound(to: Run.self)
    }

    private func release() {
        close(descriptor)
        fuzzd_unmap(runs, roundedUpToPage(Self.runCapacity * MemoryLayout<Run>.stride))
    }

    /// False when there is no memory for them.
    private mutating func add(_ start: UInt, _ end: UInt) -> Bool {
        guard runCount < Self.runCapacity else { return true }
        let bytes = Int(end - start)
        let offset = Int64(count) * Int64(FUZZD_PAGE_BYTES)
        guard fuzzd_raw_pwrite(descriptor, UnsafeRawPointer(bitPattern: start), bytes, offset) == bytes else { return false }
        runs[runCount] = Run(start: start, end: end, first: UInt32(count + 1))
        runCount += 1
        count += bytes / Int(FUZZD_PAGE_BYTES)
        return true
    }

    /// Maps all copies in a row, for reading only; false with errno set when there is no memory.
    func map(at place: UnsafeMutableRawPointer) -> Bool {
        let bytes = count * Int(FUZZD_PAGE_BYTES)
        guard bytes > 0 else { return true }
        return fuzzd_raw_map(place, bytes, MAP_SHARED | MAP_FIXED, descriptor, 0) == place
            && fuzzd_protect(place, bytes, PROT_READ) == 0
    }

    /// The number of the page's copy, from 1, or 0 if there is none. `cursor` starts at 0; addresses ascend.
    func number(of address: UInt, _ cursor: inout Int) -> UInt32 {
        while cursor < runCount, runs[cursor].end <= address { cursor += 1 }
        guard cursor < runCount, runs[cursor].start <= address else { return 0 }
        return runs[cursor].first + UInt32((address - runs[cursor].start) / UInt(FUZZD_PAGE_BYTES))
    }
}
