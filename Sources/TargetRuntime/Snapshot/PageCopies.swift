import CForkServerABI
import CTargetRuntime

/// The contents of pages at the snapshot, in memory that no reset touches. Owned by one runner.
struct PageCopies {
    private let contents: UnsafeMutableRawPointer
    private let capacity: Int
    private(set) var count = 0

    /// Room for pages that get a copy later: those that are written to often and were absent, or their file's.
    private static var spare: Int { 16384 }

    /// Room for `pages` pages, taken from the kernel as they are filled; `nil` with errno set when there is none.
    static func map(pages: Int) -> PageCopies? {
        let capacity = pages + spare
        return mapUntracked(bytes: capacity * Int(FUZZD_PAGE_BYTES)).map { PageCopies(contents: $0, capacity: capacity) }
    }

    private init(contents: UnsafeMutableRawPointer, capacity: Int) {
        self.contents = contents
        self.capacity = capacity
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
