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
    private static var mapsBytes: Int { 1 << 20 }

    /// Converts every mapping that qualifies; returns the bytes it moved out of the page tables.
    static func compact() throws(RuntimeError) -> Int {
        guard let memory = mapPrivate(bytes: mapsBytes) else {
            throw .failed(FUZZD_STEP_PARENT_MEMORY, errno: fuzzd_errno())
        }
        defer { fuzzd_unmap(memory, mapsBytes) }
        let length = readMaps(memory)
        let text = memory.assumingMemoryBound(to: CChar.self)
        var position = 0
        var moved = 0
        while position < length {
            var line = text.advanced(by: position)
            if let mapping = parse(&line), mapping.bytes >= smallestBytes,
                mapping.bytes <= largestBytes {
                moved += try convert(mapping)
            }
            while position < length, text[position] != 10 { position += 1 }
            position += 1
        }
        return moved
    }

    private struct Mapping {
        var start: UInt
        var bytes: Int
    }

    /// Takes a line of `/proc/self/maps` if it is writable private anonymous memory without a name: not the
    /// stack and not the break heap, which is small and hot.
    private static func parse(_ line: inout UnsafeMutablePointer<CChar>) -> Mapping? {
        var rest: UnsafeMutablePointer<CChar>?
        let start = strtoull(line, &rest, 16)
        guard let dash = rest, dash.pointee == 45 else { return nil }
        let end = strtoull(dash + 1, &rest, 16)
        // " rw-p 00000000 00:00 0 \n"
        guard let flags = rest, flags[1] == 114, flags[2] == 119, flags[3] == 45, flags[4] == 112 else { return nil }
        guard strncmp(flags + 5, cString(" 00000000 00:00 0"), 17) == 0 else { return nil }
        var name = flags + 22
        while name.pointee == 32 { name += 1 }
        guard name.pointee == 10 else { return nil }
        return Mapping(start: UInt(start), bytes: Int(end - start))
    }

    private static func readMaps(_ memory: UnsafeMutableRawPointer) -> Int {
        let descriptor = fuzzd_open_for_reading(cString("/proc/self/maps"))
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var length = 0
        while length < mapsBytes - 1 {
            let count = read(descriptor, memory.advanced(by: length), mapsBytes - 1 - length)
            guard count > 0 else { break }
            length += count
        }
        memory.storeBytes(of: 0, toByteOffset: length, as: CChar.self)
        return length
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
}
