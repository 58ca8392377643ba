import CForkServerABI
import CTargetRuntime

/// The pages that so many inputs write to that they are left without protection and copied back after each. By address.
/// Owned by one runner.
struct HotPages {
    private struct Entry {
        var address: UInt
        var copy: UInt32
    }

    private let entries: UnsafeMutablePointer<Entry>
    private(set) var count = 0

    private static var capacity: Int { 4096 }

    static func map() -> HotPages? {
        mapUntracked(bytes: capacity * MemoryLayout<Entry>.stride).map {
            HotPages(entries: $0.assumingMemoryBound(to: Entry.self))
        }
    }

    private init(entries: UnsafeMutablePointer<Entry>) { self.entries = entries }

    var isFull: Bool { count == Self.capacity }

    /// `copy` is the number of the page's copy, not 0.
    mutating func add(_ address: UInt, copy: UInt32) {
        var place = count
        while place > 0, entries[place - 1].address > address {
            entries[place] = entries[place - 1]
            place -= 1
        }
        entries[place] = Entry(address: address, copy: copy)
        count += 1
    }

    mutating func clear() { count = 0 }

    /// Copies all of them back; neighbours with copies in a row at once.
    func putBack(_ copies: PageCopies) {
        let page = UInt(FUZZD_PAGE_BYTES)
        var first = 0
        while first < count {
            var end = first + 1
            while end < count, entries[end].address == entries[end - 1].address + page,
                entries[end].copy == entries[end - 1].copy + 1
            {
                end += 1
            }
            copies.putBack(entries[first].copy, count: end - first, to: entries[first].address)
            first = end
        }
    }
}
