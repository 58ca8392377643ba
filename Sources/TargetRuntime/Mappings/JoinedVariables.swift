import CForkServerABI
import CTargetRuntime

/// The variables of a loaded object as one mapping, and the break heap with the program's.
///
/// The dynamic linker maps what has an initial value from the object's file and the rest from nowhere, and for each mapping that was written to
/// the kernel keeps the list of processes that share its pages (`anon_vma`): to copy and to end one more costs `fork` and a child's end some
/// 2 us. Runs once, before serving, where no other thread writes to variables meanwhile, nor a handler of a signal.
enum JoinedVariables {
    /// Beyond it the copy takes longer than it is worth.
    private static var largestBytes: Int { 4 << 20 }

    /// Returns the number of mappings that there are less.
    @discardableResult
    static func join() -> Int {
        guard ThreadList.count == 0, let map = MappingList.read() else { return 0 }
        defer { map.release() }
        guard let pageMap = PageMap.open() else { return 0 }
        defer { pageMap.release() }
        var saved = 0
        var index = 0
        while index < map.count {
            let end = endOfRun(map, from: index)
            if end - index > 1, join(map, index, end, pageMap) { saved += end - index - 1 }
            index = max(end, index + 1)
        }
        return saved
    }

    /// A file's variables and what lies behind them: those that begin as zeroes, the heap, thread-local ones. `first` where no run begins there.
    private static func endOfRun(_ map: MappingList, from first: Int) -> Int {
        guard isVariables(map[first]), map[first].bytes <= largestBytes, MemoryMap.isPlain(map[first]) else { return first }
        var end = first + 1
        while end < map.count, map[end].start == map[end - 1].end, map[end].end - map[first].start <= UInt(largestBytes),
            isVariables(map[end]) || map[end].isPrivateMemory(orHeap: true), MemoryMap.isPlain(map[end])
        {
            end += 1
        }
        return end
    }

    private static func isVariables(_ mapping: Mapping) -> Bool {
        mapping.isReadable && mapping.isWritable && !mapping.isExecutable && !mapping.isShared && (mapping.name == .file || mapping.name == .none)
            && fuzzd_identity(UnsafeRawPointer(bitPattern: mapping.start)) != 0
    }

    private static func join(_ map: MappingList, _ first: Int, _ end: Int, _ pageMap: PageMap) -> Bool {
        let start = map[first].start
        let bytes = Int(map[end - 1].end - start)
        guard let place = UnsafeMutableRawPointer(bitPattern: start), let copy = mapPrivate(bytes: bytes) else { return false }
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigprocmask(SIG_SETMASK, &all, &before)
        defer { sigprocmask(SIG_SETMASK, &before, nil) }
        var isComplete = true
        for index in first..<end {
            let mapping = map[index]
            let to = copy.advanced(by: Int(mapping.start - start))
            if mapping.name == .file {
                fuzzd_copy(to, UnsafeRawPointer(bitPattern: mapping.start), mapping.bytes)
            } else {
                // What was never written to stays so.
                isComplete = isComplete && pageMap.visitRuns(from: mapping.start, to: mapping.end) { from, until, _ in
                    fuzzd_copy(to.advanced(by: Int(from - mapping.start)), UnsafeRawPointer(bitPattern: from), Int(until - from))
                }
            }
        }
        if isComplete, fuzzd_move_mapping(copy, bytes, place) == 0 { return true }
        fuzzd_unmap(copy, bytes)
        return false
    }
}
