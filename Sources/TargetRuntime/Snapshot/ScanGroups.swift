import CForkServerABI
import CTargetRuntime

/// What is scanned for written pages, each group with one call: all that lies in it is tracked, empty, or not mapped.
///
/// Where the mappings span much more than there is, as a sanitizer's shadow does by the terabyte, walking over what is empty takes
/// longer than all else. Then only the chunks with pages are scanned, as long as the size of the page tables tells that no
/// page came to any other: a page where there was no table needs a new one. Owned by one runner.
struct ScanGroups {
    struct Group {
        var start: UInt
        var end: UInt
    }

    /// Everything, from mapping to mapping.
    private let whole: UnsafeMutablePointer<Group>
    private(set) var wholeCount = 0
    /// The tracked stretches, extended to whole chunks.
    private let sparse: UnsafeMutablePointer<Group>
    private var sparseCount = 0
    private let status: Int32
    private(set) var isSparse = false
    private var mayBeSparse = true
    /// Of the page tables, in KiB, when everything had been put back.
    private var tableKibibytes: Int = 0

    private static var capacity: Int { 32768 }
    private static var sparseFromBytes: UInt { 64 << 30 }
    /// Walking over so much of nothing costs as much as another call.
    private static var bridgedBytes: UInt { 512 << 20 }

    static func map() -> ScanGroups? {
        let opened = fuzzd_open_for_reading(cString("/proc/self/status"))
        guard opened >= 0 else { return nil }
        let status = fuzzd_move_descriptor(opened, Descriptors.firstOwn)
        guard status >= 0, let memory = mapUntracked(bytes: 2 * capacity * MemoryLayout<Group>.stride) else { return nil }
        let groups = memory.assumingMemoryBound(to: Group.self)
        return ScanGroups(whole: groups, sparse: groups + capacity, status: status)
    }

    private init(whole: UnsafeMutablePointer<Group>, sparse: UnsafeMutablePointer<Group>, status: Int32) {
        self.whole = whole
        self.sparse = sparse
        self.status = status
    }

    /// False when there are too many.
    mutating func add(_ start: UInt, _ end: UInt) -> Bool {
        guard wholeCount < Self.capacity else { return false }
        whole[wholeCount] = Group(start: start, end: end)
        wholeCount += 1
        return true
    }

    mutating func extendLast(to end: UInt) { whole[wholeCount - 1].end = end }

    var everything: (groups: UnsafeMutablePointer<Group>, count: Int) { (whole, wholeCount) }

    /// What to scan after an input.
    var current: (groups: UnsafeMutablePointer<Group>, count: Int, isWhole: Bool) {
        guard isSparse, fuzzd_page_table_kibibytes(status) <= tableKibibytes else { return (whole, wholeCount, true) }
        return (sparse, sparseCount, false)
    }

    /// New page tables that a scan of everything does not explain are of memory that is not put back.
    mutating func noteNothingTouched(scannedWhole: Bool) {
        guard isSparse, scannedWhole else { return }
        tableKibibytes = Int(fuzzd_page_table_kibibytes(status))
    }

    /// Called when everything is as it should be: decides how to scan, and takes the stretches that are tracked now.
    mutating func settle(_ stretches: UnsafeMutablePointer<TrackedMemory.Stretch>, count: Int) {
        var span: UInt = 0
        for index in 0..<wholeCount { span += whole[index].end - whole[index].start }
        isSparse = mayBeSparse && span >= Self.sparseFromBytes
        guard isSparse else { return }
        sparseCount = 0
        var group = 0
        for index in 0..<count where !stretches[index].isEmpty {
            while group < wholeCount, whole[group].end <= stretches[index].start { group += 1 }
            guard group < wholeCount else { break }
            take(stretches[index], within: whole[group])
        }
        tableKibibytes = Int(fuzzd_page_table_kibibytes(status))
    }

    /// A chunk that was written to could not be tracked: from now on everything is scanned.
    mutating func giveUpSparse() {
        mayBeSparse = false
        isSparse = false
    }

    private mutating func take(_ stretch: TrackedMemory.Stretch, within group: Group) {
        let chunk = TrackedMemory.chunkBytes
        let start = max(stretch.start & ~(chunk - 1), group.start)
        let end = min((stretch.end + chunk - 1) & ~(chunk - 1), group.end)
        if sparseCount > 0, sparse[sparseCount - 1].start >= group.start, start <= sparse[sparseCount - 1].end + Self.bridgedBytes {
            sparse[sparseCount - 1].end = max(end, sparse[sparseCount - 1].end)
        } else if sparseCount < Self.capacity {
            sparse[sparseCount] = Group(start: start, end: end)
            sparseCount += 1
        } else {
            isSparse = false
        }
    }
}
