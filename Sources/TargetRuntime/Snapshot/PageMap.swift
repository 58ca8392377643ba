import CForkServerABI
import CTargetRuntime

/// Which pages of this process exist (`PAGEMAP_SCAN`, Documentation/admin-guide/mm/pagemap.rst). Skips what is empty by the
/// gigabyte: a sanitizer's shadow takes no longer than what it has.
struct PageMap {
    let descriptor: Int32
    private let regions: UnsafeMutablePointer<fuzzd_page_region>
    /// Small: the kernel allocates as much for each call.
    static var regionCapacity: Int { 512 }

    enum PageKind {
        /// The page of the mapping's file, never written to; or the page of zeroes, only read so far.
        case clean
        /// A page of this process alone.
        case own
    }

    /// Opens the file; `nil` with errno set when that fails.
    static func open() -> PageMap? {
        let descriptor = fuzzd_open_for_reading(cString("/proc/self/pagemap"))
        guard descriptor >= 0 else { return nil }
        let moved = fuzzd_move_descriptor(descriptor, Descriptors.firstOwn)
        guard moved >= 0, let memory = mapUntracked(bytes: regionCapacity * MemoryLayout<fuzzd_page_region>.stride) else {
            return nil
        }
        return PageMap(descriptor: moved, regions: memory.assumingMemoryBound(to: fuzzd_page_region.self))
    }

    func release() {
        close(descriptor)
        fuzzd_unmap(regions, roundedUpToPage(Self.regionCapacity * MemoryLayout<fuzzd_page_region>.stride))
    }

    /// Calls `visit` with each run of pages of one kind in the range, ascending; absent ones are left out. False when the
    /// kernel's table could not be read. Pages that were protected while they were absent count as present.
    func visitRuns(from start: UInt, to end: UInt, _ visit: (_ start: UInt, _ end: UInt, PageKind) -> Void) -> Bool {
        var from = UInt64(start)
        while from < UInt64(end) {
            var walkedTo: UInt64 = 0
            let found = fuzzd_scan_present(descriptor, from, UInt64(end), regions, Self.regionCapacity, &walkedTo)
            guard found >= 0 else { return false }
            for index in 0..<Int(found) {
                let isClean = regions[index].categories & UInt64(FUZZD_PAGE_IS_FILE | FUZZD_PAGE_IS_ZERO) != 0
                visit(UInt(regions[index].start), UInt(regions[index].end), isClean ? .clean : .own)
            }
            guard walkedTo > from else { break }
            from = walkedTo
        }
        return true
    }
}
