import CForkServerABI
import CTargetRuntime

/// Which pages of this process exist (`/proc/self/pagemap`, Documentation/admin-guide/mm/pagemap.rst).
struct PageMap {
    let descriptor: Int32
    private let entries: UnsafeMutablePointer<UInt64>
    private static var batchPages: Int { 8192 }

    enum PageKind {
        /// Nothing there: zero, or the file's contents, at the first touch.
        case absent
        /// The page of the mapping's file, never written to.
        case clean
        /// A page of this process alone.
        case own
    }

    /// Opens the file; `nil` with errno set when that fails.
    static func open() -> PageMap? {
        let descriptor = fuzzd_open_for_reading(cString("/proc/self/pagemap"))
        guard descriptor >= 0 else { return nil }
        let moved = fuzzd_move_descriptor(descriptor, Descriptors.firstOwn)
        guard moved >= 0, let memory = mapUntracked(bytes: batchPages * 8) else { return nil }
        return PageMap(descriptor: moved, entries: memory.assumingMemoryBound(to: UInt64.self))
    }

    /// Calls `visit` with the address and kind of every page in the range that is not absent, ascending; false when the
    /// kernel's table could not be read.
    func visitPages(from start: UInt, to end: UInt, _ visit: (UInt, PageKind) -> Void) -> Bool {
        let page = UInt(FUZZD_PAGE_BYTES)
        var address = start
        while address < end {
            let pages = min(Int((end - address) / page), Self.batchPages)
            let bytes = pages * 8
            guard pread(descriptor, entries, bytes, off_t(address / page * 8)) == bytes else { return false }
            for index in 0..<pages {
                let entry = entries[index]
                // Bit 63: present; 62: swapped out; 61: a page of a file or shared memory.
                guard entry >> 62 != 0 else { continue }
                visit(address + UInt(index) * page, entry >> 61 & 1 != 0 ? .clean : .own)
            }
            address += UInt(pages) * page
        }
        return true
    }
}
