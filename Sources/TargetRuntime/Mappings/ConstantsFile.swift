import CForkServerABI
import CTargetRuntime

/// Code and constants of the program and its libraries, in a file in memory that consists of huge pages.
///
/// `fork` copies no page tables of a private file mapping, unless something was ever written there: a function that is patched, or what the
/// linker relocates, costs a copy of the page tables of the whole mapping. In this file it is contents like any other. What a child reads is
/// faulted in, sixteen pages at a time; of pages that belong to one huge page that takes half as long, as they are counted once. Runs once,
/// before serving. `/proc/PID/maps` names this file where it named an object's.
enum ConstantsFile {
    /// Beyond it the file costs more memory than it is worth: what is left out is faulted in from where it was.
    private static var largestBytes: Int { 16 << 20 }

    /// Returns the bytes that are mapped from it now.
    @discardableResult
    static func move() -> Int {
        guard let map = MappingList.read() else { return 0 }
        defer { map.release() }
        let total = visit(map) { _, _ in true }
        let descriptor = fuzzd_memfd(cString("fuzzd-constants"))
        guard total > 0, descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        let bytes = (total + Int(HugePages.bytes) - 1) & ~(Int(HugePages.bytes) - 1)
        guard ftruncate(descriptor, off_t(bytes)) == 0, let image = HugePages.mapAligned(bytes, ofFile: descriptor) else { return 0 }
        defer { fuzzd_unmap(image, bytes) }
        _ = visit(map) { mapping, offset in
            fuzzd_copy(image.advanced(by: offset), UnsafeRawPointer(bitPattern: mapping.start), mapping.bytes)
            return true
        }
        var end = 0
        while end < bytes, HugePages.becomesHuge(image.advanced(by: end)) { end += Int(HugePages.bytes) }
        return visit(map) { mapping, offset in
            offset + mapping.bytes <= end && replace(mapping, descriptor, offset)
        }
    }

    /// Calls `body` with each mapping and its place in the file; returns the bytes of those for which it returned true.
    private static func visit(_ map: MappingList, _ body: (Mapping, Int) -> Bool) -> Int {
        var offset = 0
        var done = 0
        for index in 0..<map.count where map[index].isConstant && offset + map[index].bytes <= largestBytes {
            if body(map[index], offset) { done += map[index].bytes }
            offset += map[index].bytes
        }
        return done
    }

    private static func replace(_ mapping: Mapping, _ descriptor: Int32, _ offset: Int) -> Bool {
        guard let place = UnsafeMutableRawPointer(bitPattern: mapping.start),
            let copy = fuzzd_raw_map(nil, mapping.bytes, MAP_PRIVATE, descriptor, Int64(offset)), copy != mapFailed
        else { return false }
        if fuzzd_protect(copy, mapping.bytes, mapping.isExecutable ? PROT_READ | PROT_EXEC : PROT_READ) == 0,
            fuzzd_move_mapping(copy, mapping.bytes, place) == 0
        {
            return true
        }
        fuzzd_unmap(copy, mapping.bytes)
        return false
    }
}
