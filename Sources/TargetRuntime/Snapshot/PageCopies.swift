import CForkServerABI
import CTargetRuntime

/// The contents of pages at the snapshot, in memory that no reset touches: first those that all runners share, then those of
/// this runner alone, which owns the list.
struct PageCopies {
    private let contents: UnsafeMutableRawPointer
    private let capacity: Int
    private let pristine: PristinePages?
    private var cursor = 0
    private(set) var count: Int

    /// Room for pages that get a copy later: those that are written to often and were absent, or their file's.
    private static var spare: Int { 16384 }

    /// Room for `pages` pages, taken from the kernel as they are filled; `nil` with errno set when there is none.
    static func map(pages: Int, pristine: PristinePages?) -> PageCopies? {
        let shared = pristine?.count ?? 0
        let capacity = shared + pages + spare
        guard let memory = mapUntracked(bytes: capacity * Int(FUZZD_PAGE_BYTES)), pristine?.map(at: memory) ?? true else {
            return nil
        }
        return PageCopies(contents: memory, capacity: capacity, pristine: pristine, count: shared)
    }

    private init(contents: UnsafeMutableRawPointer, capacity: Int, pristine: PristinePages?, count: Int) {
        self.contents = contents
        self.capacity = capacity
        self.pristine = pristine
        self.count = count
    }

    /// At the snapshot, addresses ascending: the number of a copy of the page, from 1, or 0 when there is no room.
    mutating func keep(_ address: UInt) -> UInt32 {
        guard let pristine, let page = UnsafePointer<UInt8>(bitPattern: address) else { return add(address) }
        let number = pristine.number(of: address, &cursor)
        guard number != 0 else { return add(address) }
        let bytes = Int(FUZZD_PAGE_BYTES)
        let copy = self[number].assumingMemoryBound(to: UInt8.self)
        return fuzzd_first_difference(page, copy, bytes) == bytes ? number : add(address)
    }

    /// Copies the page; returns the number of its copy, from 1, or 0 when there is no room.
    mutating func add(_ address: UInt) -> UInt32 {
        guard count < capacity, let place = UnsafeRawPointer(bitPattern: address) else { return 0 }
        fuzzd_copy_pages(contents.advanced(by: count * Int(FUZZD_PAGE_BYTES)), place, 1)
        count += 1
        return UInt32(count)
    }

    /// Copies the pages of `count` copies in a row, from the one with that number, back to `address`.
    @inline(__always)
    func putBack(_ copy: UInt32, count: Int, to address: UInt) {
        guard let place = UnsafeMutableRawPointer(bitPattern: address) else { return }
        fuzzd_copy_pages(place, self[copy], count)
    }

    subscript(copy: UInt32) -> UnsafeRawPointer {
        UnsafeRawPointer(contents.advanced(by: Int(copy - 1) * Int(FUZZD_PAGE_BYTES)))
    }
}
