import CForkServerABI
import CTargetRuntime

/// Two sets of counters in the worker file, with all that shares their pages. While a child counts in one, the other is in place
/// in the machine parent, as it was before serving: so the next child can be forked, and neither sees what the other wrote.
///
/// Owned by the machine parent of one worker.
struct CounterSets {
    private let pages: CounterPages
    private let descriptor: Int32
    private let offset: Int
    private let base: UnsafeMutableRawPointer
    /// The set in place: the one of the child that is forked next.
    private(set) var current = 0

    /// The first set is in place and clean; the second becomes a copy of it.
    init(_ file: WorkerFile, _ pages: CounterPages) {
        self.pages = pages
        descriptor = file.descriptor
        offset = Int(file.header.pointee.counters_offset)
        base = file.base.advanced(by: offset)
        // Not by a call, which the limit on file sizes holds for by now.
        pages.copyNeighbours(to: base.advanced(by: pages.bytes))
    }

    /// Bytes by which a set lies behind the first one in the file.
    func distance(of set: Int) -> Int { set * pages.bytes }

    /// Where the machine parent has a set, whichever is in place.
    func memory(of set: Int) -> UnsafeMutableRawPointer { base.advanced(by: distance(of: set)) }

    /// Puts a set in place. False when the kernel refuses: then the other one still is. Where that is refused too nothing is known of
    /// the counters' pages, and this process ends, so that the daemon starts another target.
    mutating func use(_ set: Int) -> Bool {
        guard set != current else { return true }
        if pages.map(descriptor, offset: offset + distance(of: set)) {
            current = set
            return true
        }
        guard pages.map(descriptor, offset: offset + distance(of: current)) else {
            ProcessTree.endDescendants()
            _exit(1)
        }
        return false
    }
}
