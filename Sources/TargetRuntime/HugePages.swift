import CForkServerABI
import CTargetRuntime

/// Puts the machine parent's anonymous memory into huge pages, whose page tables `fork` copies, and a child's end takes
/// down, with one entry for 512.
///
/// `MADV_COLLAPSE` (Linux 6.1) does it in place: contents, addresses and threads that run meanwhile are safe. Where a child
/// writes to a huge page, the kernel splits the child's view of it and copies 4 KiB, as ever. Runs once, before serving.
enum HugePages {
    static var bytes: UInt { 2 << 20 }
    /// With fewer pages there the entries cost less than the memory that filling the rest up takes.
    private static var fewestPages: Int { 64 }
    private static var advice: Int32 { 25 }
    /// Memory may be too fragmented for another huge page; the kernel compacts it with each attempt.
    private static var attempts: Int { 3 }

    /// Returns the bytes that are in huge pages now.
    @discardableResult
    static func collapse() -> Int {
        let pagemap = fuzzd_open_for_reading(cString("/proc/self/pagemap"))
        guard pagemap >= 0 else { return 0 }
        defer { close(pagemap) }
        let entryBytes = Int(bytes) / Int(FUZZD_PAGE_BYTES) * MemoryLayout<UInt64>.stride
        guard let memory = mapPrivate(bytes: entryBytes) else { return 0 }
        defer { fuzzd_unmap(memory, entryBytes) }
        let entries = memory.assumingMemoryBound(to: UInt64.self)
        var collapsed = 0
        MemoryMap.forEachAnonymous { mapping in
            var window = (mapping.start &+ bytes &- 1) & ~(bytes - 1)
            while window >= mapping.start, window < mapping.end, mapping.end - window >= bytes {
                if presentPages(window, pagemap, entries, entryBytes) >= fewestPages,
                    let place = UnsafeMutableRawPointer(bitPattern: window), becomesHuge(place)
                {
                    collapsed += Int(bytes)
                }
                window &+= bytes
            }
        }
        return collapsed
    }

    /// Moves code and constants of large programs into huge pages of anonymous memory, at their addresses: a child then
    /// touches them without a page fault, of which files cost one for each 64 KiB.
    static func moveConstants() {
        MemoryMap.forEachConstant { mapping, protection in
            let first = (mapping.start &+ bytes &- 1) & ~(bytes - 1)
            let last = mapping.end & ~(bytes - 1)
            if first < last { move(first, Int(last - first), protection) }
        }
    }

    /// Leaves what gets no huge page, or none that may be executed, as it is. Of one window's failure the others know nothing:
    /// otherwise how fast an input is would depend on how fragmented memory was when the target was started.
    private static func move(_ first: UInt, _ count: Int, _ protection: Int32) {
        guard let place = UnsafeMutableRawPointer(bitPattern: first), let copy = mapAligned(count) else { return }
        _ = madvise(copy, count, Int32(MADV_HUGEPAGE))
        fuzzd_copy(copy, place, count)
        var start = 0
        while start < count {
            var end = start
            while end < count, becomesHuge(copy.advanced(by: end)) { end += Int(bytes) }
            let run = copy.advanced(by: start)
            if end == start {
                end = start + Int(bytes)
                fuzzd_unmap(run, end - start)
            } else if mprotect(run, end - start, protection) != 0
                || fuzzd_move_mapping(run, end - start, place.advanced(by: start)) != 0
            {
                fuzzd_unmap(run, end - start)
            }
            start = end
        }
    }

    static func becomesHuge(_ window: UnsafeMutableRawPointer) -> Bool {
        for _ in 0..<attempts where madvise(window, Int(bytes), advice) == 0 { return true }
        return false
    }

    /// Memory that begins where a huge page may: private, or a file's.
    static func mapAligned(_ count: Int, ofFile descriptor: Int32? = nil) -> UnsafeMutableRawPointer? {
        let reserved = count + Int(bytes)
        guard let memory = mapPrivate(bytes: reserved) else { return nil }
        let start = UInt(bitPattern: memory)
        let head = Int(((start + bytes - 1) & ~(bytes - 1)) - start)
        if head > 0 { fuzzd_unmap(memory, head) }
        fuzzd_unmap(memory.advanced(by: head + count), reserved - head - count)
        let place = memory.advanced(by: head)
        guard let descriptor, fuzzd_raw_map(place, count, MAP_SHARED | MAP_FIXED, descriptor, 0) != place else { return place }
        fuzzd_unmap(place, count)
        return nil
    }

    /// Pages that exist (`/proc/self/pagemap`, bit 63 present, bit 62 swapped).
    private static func presentPages(
        _ window: UInt, _ pagemap: Int32, _ entries: UnsafeMutablePointer<UInt64>, _ entryBytes: Int
    ) -> Int {
        let offset = off_t(window / UInt(FUZZD_PAGE_BYTES)) * off_t(MemoryLayout<UInt64>.stride)
        guard pread(pagemap, entries, entryBytes, offset) == entryBytes else { return 0 }
        var count = 0
        for index in 0..<(entryBytes / MemoryLayout<UInt64>.stride) where entries[index] >> 62 != 0 { count += 1 }
        return count
    }
}
