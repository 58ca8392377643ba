import CForkServerABI
import CTargetRuntime

/// Keeps the machine parent's page tables small, which is most of what `fork` costs.
///
/// Large private anonymous mappings (guest RAM above all) get the same contents from a private mapping of a memfd:
/// `fork` copies no page tables for a file mapping that was never written (no anon_vma), and a child faults in only
/// what it touches. Runs once in the machine parent before serving, while nobody else runs.
enum ParentMemory {
    private static var smallestBytes: Int { 2 << 20 }
    /// Larger mappings are reservations, a sanitizer's shadow above all: most of them is empty.
    private static var largestBytes: Int { 64 << 30 }

    /// Converts every mapping that qualifies; returns the bytes it moved out of the page tables.
    static func compact() throws(RuntimeError) -> Int {
        guard let map = MappingList.read() else { throw .failed(FUZZD_STEP_PARENT_MEMORY, errno: fuzzd_errno()) }
        defer { map.release() }
        var moved = 0
        // Neither the stack nor the break heap, which is small and hot.
        for index in 0..<map.count where map[index].isPrivateMemory(orHeap: false) && !map.isStored(at: map[index].start) {
            if map[index].bytes >= smallestBytes, map[index].bytes <= largestBytes { moved += try convert(map[index]) }
        }
        return moved
    }

    private static func convert(_ mapping: Mapping) throws(RuntimeError) -> Int {
        guard let start = UnsafeMutableRawPointer(bitPattern: mapping.start) else { return 0 }
        let descriptor = fuzzd_memfd(cString("fuzzd-parent-memory"))
        guard descriptor >= 0 else { throw .failed(FUZZD_STEP_PARENT_MEMORY, errno: fuzzd_errno()) }
        defer { close(descriptor) }
        guard ftruncate(descriptor, mapping.bytes) == 0 else {
            throw .failed(FUZZD_STEP_PARENT_MEMORY, errno: fuzzd_errno())
        }
        let copied = try copyPresentPages(from: start, bytes: mapping.bytes, to: descriptor)
        // Little there: the page tables are small already, and faulting them in would cost more.
        guard copied >= smallestBytes / 4 else { return 0 }
        guard fuzzd_raw_map(start, mapping.bytes, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == start else {
            throw .failed(FUZZD_STEP_PARENT_MEMORY, errno: fuzzd_errno())
        }
        return copied
    }

    /// Copies the pages that exist (`/proc/self/pagemap`, bit 63 present, bit 62 swapped); holes stay holes.
    private static func copyPresentPages(
        from start: UnsafeMutableRawPointer, bytes: Int, to descriptor: Int32
    ) throws(RuntimeError) -> Int {
        let pagemap = fuzzd_open_for_reading(cString("/proc/self/pagemap"))
        guard pagemap >= 0 else { throw .failed(FUZZD_STEP_PARENT_MEMORY, errno: fuzzd_errno()) }
        defer { close(pagemap) }
        let page = Int(FUZZD_PAGE_BYTES)
        let batch = 512
        guard let memory = mapPrivate(bytes: batch * 8) else {
            throw .failed(FUZZD_STEP_PARENT_MEMORY, errno: fuzzd_errno())
        }
        defer { fuzzd_unmap(memory, batch * 8) }
        let entries = memory.assumingMemoryBound(to: UInt64.self)
        var copied = 0
        var index = 0
        let pages = bytes / page
        while index < pages {
            let count = min(batch, pages - index)
            let offset = off_t((UInt(bitPattern: start) / UInt(page) + UInt(index)) * 8)
            guard pread(pagemap, memory, count * 8, offset) == count * 8 else {
                throw .failed(FUZZD_STEP_PARENT_MEMORY, errno: fuzzd_errno())
            }
            var entry = 0
            while entry < count {
                guard entries[entry] >> 62 != 0 else {
                    entry += 1
                    continue
                }
                var end = entry
                while end < count, entries[end] >> 62 != 0 { end += 1 }
                let from = (index + entry) * page
                let length = (end - entry) * page
                guard fuzzd_raw_pwrite(descriptor, start.advanced(by: from), length, Int64(from)) == length else {
                    throw .failed(FUZZD_STEP_PARENT_MEMORY, errno: fuzzd_errno())
                }
                copied += length
                entry = end
            }
            index += count
        }
        return copied
    }

    /// Gives back the pages of private file mappings that hold what the file holds, where others in the same mapping were written to.
    ///
    /// One page with a contents of its own, a patched function of the C library for instance, makes `fork` copy the page tables of the
    /// whole mapping, and a child's end take them apart. What was given back is faulted in again, sixteen pages at a time, by who needs it.
    static func forgetCleanPages() {
        guard let map = MappingList.read() else { return }
        defer { map.release() }
        guard let pageMap = PageMap.open() else { return }
        defer { pageMap.release() }
        for index in 0..<map.count {
            let mapping = map[index]
            guard !mapping.isShared, !mapping.isAnonymous, mapping.isReadable, !mapping.isKernels else { continue }
            var hasOwn = false
            guard pageMap.visitRuns(from: mapping.start, to: mapping.end, { hasOwn = hasOwn || $2 == .own }), hasOwn else { continue }
            _ = pageMap.visitRuns(from: mapping.start, to: mapping.end) { start, end, kind in
                guard kind == .clean, let memory = UnsafeMutableRawPointer(bitPattern: start) else { return }
                madvise(memory, Int(end - start), Int32(MADV_DONTNEED))
            }
        }
    }
}
