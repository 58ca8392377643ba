import CForkServerABI
import CTargetRuntime

/// In how many samples a page was: a hash table with linear probing, of fixed size. What finds no room is not counted.
/// Owned by the machine parent of one worker.
package struct PageCounts {
    private struct Entry {
        var page: UInt
        var count: Int
    }

    private let entries: UnsafeMutablePointer<Entry>
    private static var capacity: Int { 16384 }
    private static var mostProbes: Int { 64 }

    package static func map() -> PageCounts? {
        mapUntracked(bytes: capacity * MemoryLayout<Entry>.stride).map {
            PageCounts(entries: $0.assumingMemoryBound(to: Entry.self))
        }
    }

    package func clear() { fuzzd_zero(entries, Self.capacity * MemoryLayout<Entry>.stride) }

    package func count(_ page: UInt) {
        let first = Int(truncatingIfNeeded: (UInt64(page) &* 0x9E37_79B9_7F4A_7C15) >> 50)
        for probe in 0..<Self.mostProbes {
            let entry = entries.advanced(by: (first + probe) & (Self.capacity - 1))
            if entry.pointee.page == 0 { entry.pointee.page = page }
            if entry.pointee.page == page {
                entry.pointee.count += 1
                return
            }
        }
    }

    /// Calls `body` with each page and its count, ascending by page. The table must be cleared afterwards.
    package func forEachSorted(_ body: (_ page: UInt, _ count: Int) -> Void) {
        var found = 0
        for index in 0..<Self.capacity where entries[index].page != 0 {
            entries[found] = entries[index]
            found += 1
        }
        sort(found)
        for index in 0..<found { body(entries[index].page, entries[index].count) }
    }

    /// Shell's sort, which needs no room.
    private func sort(_ count: Int) {
        var gap = count / 2
        while gap > 0 {
            for index in gap..<count {
                let entry = entries[index]
                var place = index
                while place >= gap, entries[place - gap].page > entry.page {
                    entries[place] = entries[place - gap]
                    place -= gap
                }
                entries[place] = entry
            }
            gap /= 2
        }
    }
}
