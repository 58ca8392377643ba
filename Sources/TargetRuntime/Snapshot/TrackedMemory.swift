import CForkServerABI
import CTargetRuntime

/// The writable private memory of a runner as it was at the snapshot.
///
/// Divided into *stretches* by 2 MiB chunks: tracked ones had a page at the snapshot and are write-protected by `userfaultfd`
/// in async mode, where the first write to a page costs a fault and leaves a mark that `PAGEMAP_SCAN` finds; empty ones are not
/// protected, which would cost page tables, and given back where something was written. A page that many inputs write to is
/// *hot*: left unprotected, it is copied back after each input and never faults. Owned by one runner; nothing here lies in
/// memory that is put back.
struct TrackedMemory {
    /// Part of a mapping. Ascending, without overlap.
    struct Stretch {
        var start: UInt
        var end: UInt
        /// Of its first page in `pages`; negative: it was empty.
        var firstPage: Int
        /// It cannot be read or written unless an input makes it so: no page of it is ever copied.
        var isReservation = false

        var isEmpty: Bool { firstPage < 0 }
    }

    /// What is known of one page.
    struct Page {
        /// Of its contents among the copies, from 1; 0 if there is no copy: it was absent, or its file's.
        var copy: UInt32
        /// Resets of this epoch that found it written to while it was protected.
        var writes: UInt32
        var isHot: Bool
    }

    let userfault: Int32
    let pageMap: PageMap
    let stretches: UnsafeMutablePointer<Stretch>
    private(set) var stretchCount: Int
    var groups: ScanGroups
    /// Parts of empty stretches that were written to since the last reset.
    var touched: TouchedChunks
    let pages: UnsafeMutablePointer<Page>
    private(set) var pageCount: Int
    var copies: PageCopies
    var resetCount: UInt32 = 0
    var hotPages: HotPages
    var faults: FaultLog
    private var touchedChunks: ChunkCounts

    static var stretchCapacity: Int { 65536 }
    /// Room for pages of chunks that were empty at the snapshot and are written to so often that they get tracked.
    static var sparePages: Int { 1_048_576 }
    static var chunkBytes: UInt { 2 << 20 }

    init(
        userfault: Int32, pageMap: PageMap, stretches: UnsafeMutablePointer<Stretch>, stretchCount: Int,
        groups: ScanGroups, pages: UnsafeMutablePointer<Page>, pageCount: Int,
        copies: PageCopies, touchedChunks: ChunkCounts, touched: TouchedChunks, hotPages: HotPages, faults: FaultLog
    ) {
        self.userfault = userfault
        self.pageMap = pageMap
        self.stretches = stretches
        self.stretchCount = stretchCount
        self.groups = groups
        self.touched = touched
        self.pages = pages
        self.pageCount = pageCount
        self.copies = copies
        pageCapacity = pageCount + Self.sparePages
        self.touchedChunks = touchedChunks
        self.hotPages = hotPages
        self.faults = faults
    }

    private let pageCapacity: Int

    /// The stretch that contains an address, or the first one above it; `stretchCount` if there is none.
    func stretch(at address: UInt) -> Int {
        var low = 0
        var high = stretchCount
        while low < high {
            let middle = (low + high) / 2
            if stretches[middle].end <= address { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Counts a write to a chunk of an empty stretch; where it is written to again and again it becomes a tracked stretch of
    /// its own, and at once where only those are scanned. False when the kernel refused a step.
    mutating func noteWriteToEmpty(_ address: UInt) -> Bool {
        let index = stretch(at: address)
        guard index < stretchCount, stretches[index].isEmpty, stretches[index].start <= address else { return true }
        let stretch = stretches[index]
        let chunk = address & ~(Self.chunkBytes - 1)
        let start = max(chunk, stretch.start)
        let end = min(chunk + Self.chunkBytes, stretch.end)
        let pagesOfChunk = Int((end - start) / UInt(FUZZD_PAGE_BYTES))
        guard touchedChunks.count(chunk) >= (groups.isSparse ? 1 : ChunkCounts.frequent), stretchCount + 2 <= Self.stretchCapacity,
            pageCount + pagesOfChunk <= pageCapacity
        else {
            if groups.isSparse { groups.giveUpSparse() }
            return true
        }
        guard fuzzd_give_back(UInt64(start), UInt64(end - start)) == 0,
            fuzzd_userfault_protect(userfault, UInt64(start), UInt64(end - start)) == 0
        else { return false }
        split(index, from: start, to: end)
        pageCount += pagesOfChunk
        return true
    }

    /// Cuts a tracked stretch out of an empty one.
    private mutating func split(_ index: Int, from start: UInt, to end: UInt) {
        let old = stretches[index]
        var parts = (old, old, old)
        parts.0.end = start
        parts.1 = Stretch(start: start, end: end, firstPage: pageCount, isReservation: old.isReservation)
        parts.2.start = end
        let hasBefore = parts.0.start < parts.0.end
        let hasAfter = parts.2.start < parts.2.end
        let added = (hasBefore ? 1 : 0) + (hasAfter ? 1 : 0)
        var last = stretchCount - 1
        while last > index {
            stretches[last + added] = stretches[last]
            last -= 1
        }
        var place = index
        if hasBefore {
            stretches[place] = parts.0
            place += 1
        }
        stretches[place] = parts.1
        if hasAfter { stretches[place + 1] = parts.2 }
        stretchCount += added
    }
}
