import CForkServerABI
import CTargetRuntime

/// The writable private memory of a runner as it was at the snapshot, and the way back to it.
///
/// Pages are write-protected by `userfaultfd` in async mode: the first write to one costs a fault and leaves a mark, which
/// `PAGEMAP_SCAN` finds. A page that most inputs write to is *hot*: left unprotected, it is copied back after each input
/// and never faults. Owned by one runner; nothing here lies in memory that is put back.
struct TrackedMemory {
    /// A stretch of a mapping that is scanned as a whole: every 2 MiB chunk of it had a page at the snapshot.
    struct Segment {
        var start: UInt
        var end: UInt
        /// Of its first page in `pages`.
        var firstPage: Int
    }

    /// A stretch without a page. Protecting it would cost page tables; it is given back as a whole.
    struct EmptyStretch {
        var start: UInt
        var end: UInt
    }

    /// What is known of one page.
    struct Page {
        /// Of its contents in `contents`, from 1; 0 if there is no copy: it was absent, or its file's.
        var copy: UInt32
        /// Inputs of the learning phase that wrote to it.
        var writes: UInt8
        var isHot: Bool
    }

    let userfault: Int32
    let pageMap: PageMap
    let segments: UnsafeMutablePointer<Segment>
    let segmentCount: Int
    let emptyStretches: UnsafeMutablePointer<EmptyStretch>
    let emptyStretchCount: Int
    let pages: UnsafeMutablePointer<Page>
    let contents: UnsafeMutableRawPointer
    private(set) var copies: Int
    private let copyCapacity: Int
    private let regions: UnsafeMutablePointer<fuzzd_page_region>
    private var inputsSeen = 0

    /// Inputs after which hot pages are chosen, and the share of them that makes a page hot.
    private static var learningInputs: Int { 40 }
    private static var hotAtWrites: Int { learningInputs / 3 }
    /// Room for pages that become hot without a copy of their own.
    static var spareCopies: Int { 4096 }
    private static var regionCapacity: Int { 512 }

    init?(
        userfault: Int32, pageMap: PageMap, segments: UnsafeMutablePointer<Segment>, segmentCount: Int,
        emptyStretches: UnsafeMutablePointer<EmptyStretch>, emptyStretchCount: Int, pages: UnsafeMutablePointer<Page>,
        contents: UnsafeMutableRawPointer, copies: Int
    ) {
        guard
            let memory = mapUntracked(
                bytes: roundedUpToPage(Self.regionCapacity * MemoryLayout<fuzzd_page_region>.stride))
        else { return nil }
        self.userfault = userfault
        self.pageMap = pageMap
        self.segments = segments
        self.segmentCount = segmentCount
        self.emptyStretches = emptyStretches
        self.emptyStretchCount = emptyStretchCount
        self.pages = pages
        self.contents = contents
        self.copies = copies
        copyCapacity = copies + Self.spareCopies
        regions = memory.assumingMemoryBound(to: fuzzd_page_region.self)
    }

    /// Puts every page back that was written to since the last call; returns their number, -1 with errno set when the
    /// kernel refused a step: the runner is not to be used again then.
    mutating func restore() -> Int {
        inputsSeen += 1
        let isLearning = inputsSeen <= Self.learningInputs
        var restored = 0
        for index in 0..<segmentCount {
            let count = restore(segments[index], isLearning: isLearning)
            guard count >= 0 else { return -1 }
            restored += count
        }
        for index in 0..<emptyStretchCount {
            let stretch = emptyStretches[index]
            guard fuzzd_give_back(UInt64(stretch.start), UInt64(stretch.end - stretch.start)) == 0 else { return -1 }
        }
        if inputsSeen == Self.learningInputs { chooseHotPages() }
        return restored
    }

    private func restore(_ segment: Segment, isLearning: Bool) -> Int {
        var restored = 0
        var from = UInt64(segment.start)
        while from < UInt64(segment.end) {
            var walkedTo: UInt64 = 0
            let found = fuzzd_scan_written(
                pageMap.descriptor, from, UInt64(segment.end), regions, Self.regionCapacity, &walkedTo)
            guard found >= 0 else { return -1 }
            for index in 0..<Int(found) {
                guard restore(regions[index], of: segment, isLearning: isLearning) else { return -1 }
                restored += Int((regions[index].end - regions[index].start) / UInt64(FUZZD_PAGE_BYTES))
            }
            guard walkedTo > from else { break }
            from = walkedTo
        }
        return restored
    }

    /// Puts one run of written pages back, in stretches that are treated alike.
    private func restore(_ region: fuzzd_page_region, of segment: Segment, isLearning: Bool) -> Bool {
        let page = UInt(FUZZD_PAGE_BYTES)
        var address = UInt(region.start)
        let end = UInt(region.end)
        while address < end {
            let first = pages.advanced(by: segment.firstPage + Int((address - segment.start) / page))
            let hasCopy = first.pointee.copy != 0
            let isHot = first.pointee.isHot
            var run = 0
            while address + UInt(run) * page < end {
                let entry = first.advanced(by: run)
                guard (entry.pointee.copy != 0) == hasCopy, entry.pointee.isHot == isHot else { break }
                if hasCopy { copyBack(entry.pointee.copy, to: address + UInt(run) * page) }
                if isLearning, entry.pointee.writes < 255 { entry.pointee.writes += 1 }
                run += 1
            }
            let bytes = UInt64(run) * UInt64(page)
            if !hasCopy, fuzzd_give_back(UInt64(address), bytes) != 0 { return false }
            if !isHot, fuzzd_userfault_protect(userfault, UInt64(address), bytes) != 0 { return false }
            address += UInt(bytes)
        }
        return true
    }

    private func copyBack(_ copy: UInt32, to address: UInt) {
        guard let place = UnsafeMutableRawPointer(bitPattern: address) else { return }
        fuzzd_copy_page(place, contents.advanced(by: Int(copy - 1) * Int(FUZZD_PAGE_BYTES)))
    }

    /// Pages that at least a third of the first inputs wrote to are protected no more. One without a copy gets one of
    /// what it is now, just put back: copying costs less than the fault of a page that was given back.
    private mutating func chooseHotPages() {
        let page = UInt(FUZZD_PAGE_BYTES)
        for index in 0..<segmentCount {
            let segment = segments[index]
            for offset in 0..<Int((segment.end - segment.start) / page) {
                let entry = pages.advanced(by: segment.firstPage + offset)
                guard Int(entry.pointee.writes) >= Self.hotAtWrites else { continue }
                if entry.pointee.copy == 0 {
                    guard copies < copyCapacity,
                        let place = UnsafeRawPointer(bitPattern: segment.start + UInt(offset) * page)
                    else { continue }
                    fuzzd_copy_page(contents.advanced(by: copies * Int(page)), place)
                    copies += 1
                    entry.pointee.copy = UInt32(copies)
                }
                entry.pointee.isHot = true
                // Written once now, so that it stays without protection.
                if let place = UnsafeMutablePointer<UInt64>(bitPattern: segment.start + UInt(offset) * page) {
                    fuzzd_touch_page(place)
                }
            }
        }
    }
}
