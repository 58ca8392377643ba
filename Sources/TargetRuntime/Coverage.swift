import CForkServerABI
import CTargetRuntime

/// Every counter of the target, remapped onto this worker's file so that what a child counts is in the machine
/// parent's memory at once, whatever kills the child.
///
/// Edges are numbered through all ranges: instrumented modules first, then extra counters, value profile, and the room for
/// modules that children open. Owned by the machine parent of one worker.
struct Coverage {
    /// Counters that lie together. The source coverage's are shared too, but are no edges.
    struct Range {
        var start: UnsafeMutablePointer<UInt8>
        var count: Int
        var firstEdge: Int
        var kind: fuzzd_module_kind
        var isSourceCoverage: Bool
        /// Of the registered module it belongs to; -1: none.
        var module: Int
    }

    let ranges: UnsafeMutablePointer<Range>
    private let rangeCapacity: Int
    private(set) var rangeCount = 0
    private(set) var edgeCount = 0
    private(set) var pages: CounterPages
    /// Set once the modules file is there.
    var late: LateModules?
    private var lateRoom: UnsafeMutablePointer<UInt8>?
    /// Counters, and for each module the pages that it does not fill.
    private static var lateBytes: Int {
        Int(FUZZD_LATE_COUNTERS) + 2 * Int(FUZZD_MAX_LATE_MODULES) * Int(FUZZD_PAGE_BYTES)
    }

    /// Measures what the modules registered, without touching it.
    static func survey(_ settings: fuzzd_settings) throws(RuntimeError) -> Coverage {
        let modules = fuzzd_module_count()
        guard modules > 0,
            let memory = mapPrivate(bytes: (modules + 4) * MemoryLayout<Range>.stride)
        else { throw RuntimeError(status: FUZZD_HELLO_NO_COVERAGE, step: FUZZD_STEP_NONE, detail: 0) }
        var coverage = Coverage(
            ranges: memory.assumingMemoryBound(to: Range.self), rangeCapacity: modules + 4,
            pages: try CounterPages(capacity: modules + 4))
        try coverage.addModules()
        try coverage.addFeatures(settings)
        try coverage.pages.settle()
        return coverage
    }

    private init(ranges: UnsafeMutablePointer<Range>, rangeCapacity: Int, pages: CounterPages) {
        self.ranges = ranges
        self.rangeCapacity = rangeCapacity
        self.pages = pages
    }

    private mutating func addModules() throws(RuntimeError) {
        // One mapping for both: guards of late modules count from the same place.
        let guardBytes = roundedUpToPage(fuzzd_guard_count())
        let room = try Self.room(guardBytes + Self.lateBytes)
        lateRoom = room.advanced(by: guardBytes)
        fuzzd_set_guard_counters(room)
        for index in 0..<fuzzd_module_count() {
            let module = fuzzd_module_at(index)
            // One that was closed again has no memory any more.
            guard let start = module.start, fuzzd_is_mapped(CounterPages.page(of: start)) != 0 else { continue }
            add(start, module.count, module.guards == nil ? FUZZD_MODULE_INLINE_COUNTERS : FUZZD_MODULE_PC_GUARDS, index)
        }
    }

    private mutating func addFeatures(_ settings: fuzzd_settings) throws(RuntimeError) {
        if let start = fuzzd_extra_counters_begin(), let end = fuzzd_extra_counters_end(), end > start {
            add(start, end - start, FUZZD_MODULE_EXTRA_COUNTERS)
        }
        if settings.uses_value_profile != 0 {
            let counters = try Self.room(Int(FUZZD_VALUE_PROFILE_COUNTERS))
            fuzzd_set_value_profile(counters)
            add(counters, Int(FUZZD_VALUE_PROFILE_COUNTERS), FUZZD_MODULE_VALUE_PROFILE)
        }
        if let lateRoom { add(lateRoom, Self.lateBytes, FUZZD_MODULE_LATE, edges: Int(FUZZD_LATE_COUNTERS)) }
        if settings.collects_profile != 0, let start = fuzzd_profile_begin(), let end = fuzzd_profile_end(), end > start {
            add(start, end - start, FUZZD_MODULE_INLINE_COUNTERS, edges: 0)
            ranges[rangeCount - 1].isSourceCoverage = true
        }
    }

    private mutating func add(
        _ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ kind: fuzzd_module_kind, _ module: Int = -1,
        edges: Int? = nil
    ) {
        ranges.advanced(by: rangeCount).initialize(
            to: Range(
                start: start, count: count, firstEdge: edgeCount, kind: kind, isSourceCoverage: false, module: module))
        rangeCount += 1
        edgeCount += edges ?? count
        pages.add(start, count)
    }

    /// Whole pages of our own for counters that have no place in the target.
    private static func room(_ bytes: Int) throws(RuntimeError) -> UnsafeMutablePointer<UInt8> {
        guard let memory = mapPrivate(bytes: roundedUpToPage(bytes)) else {
            throw .failed(FUZZD_STEP_REMAP_COUNTERS, errno: fuzzd_errno())
        }
        return memory.assumingMemoryBound(to: UInt8.self)
    }

    /// Maps the counters' pages `MAP_SHARED|MAP_FIXED` onto the worker's file, contents kept, counters cleared.
    mutating func remap(onto file: WorkerFile) throws(RuntimeError) {
        let offset = Int(file.header.pointee.counters_offset)
        try pages.remap(onto: file.descriptor, offset: offset)
        for index in 0..<rangeCount where ranges[index].kind == FUZZD_MODULE_LATE {
            late?.place(
                ranges[index].start, file: file.descriptor,
                offset: offset + pages.fileOffset(of: ranges[index].start))
        }
        clear()
    }

    /// A child clears counters where a harness mutates, and needs the list of them for nothing else.
    func keepFromChildren(whoMutate: Bool) {
        if !whoMutate { madvise(ranges, roundedUpToPage(rangeCapacity * MemoryLayout<Range>.stride), Int32(MADV_DONTFORK)) }
        pages.keepFromChildren()
    }

    func clear() {
        for index in 0..<rangeCount where !ranges[index].isSourceCoverage {
            if ranges[index].kind == FUZZD_MODULE_LATE {
                late?.clear()
            } else {
                fuzzd_zero(ranges[index].start, ranges[index].count)
            }
        }
    }

    /// Writes every counter that is not zero to `list` as `edge << 8 | hits`, clears it, and returns their number.
    ///
    /// `list` has room for all edges. The counters are those of this process, or of the set of pages at `base`.
    func collect(into list: UnsafeMutablePointer<UInt32>, at base: UnsafeMutableRawPointer? = nil) -> Int {
        var found = 0
        for index in 0..<rangeCount where !ranges[index].isSourceCoverage {
            let range = ranges[index]
            let start = base?.advanced(by: pages.fileOffset(of: range.start)).assumingMemoryBound(to: UInt8.self) ?? range.start
            if range.kind == FUZZD_MODULE_LATE {
                late?.collect(start, firstEdge: range.firstEdge, into: list, &found)
            } else {
                CounterScan.collect(start, range.count, firstEdge: range.firstEdge, into: list, &found)
            }
        }
        return found
    }
}
