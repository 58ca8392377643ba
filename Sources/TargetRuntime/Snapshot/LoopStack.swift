import CForkServerABI
import CTargetRuntime

/// The stack of a runner's own loop, which a reset of the target's memory leaves alone.
///
/// Guard pages on both sides keep the kernel from joining it with a mapping of the target. Private: a process that an
/// input forks has its own copy.
struct LoopStack {
    let start: UInt
    let end: UInt

    private static var bytes: Int { 256 << 10 }

    /// `nil` with errno set when there is no memory.
    static func map() -> LoopStack? {
        let page = Int(FUZZD_PAGE_BYTES)
        guard let memory = fuzzd_map_apart(bytes + 2 * page, MAP_PRIVATE | MAP_ANONYMOUS, -1), memory != mapFailed else {
            return nil
        }
        guard fuzzd_protect(memory, page, PROT_NONE) == 0, fuzzd_protect(memory.advanced(by: page + bytes), page, PROT_NONE) == 0
        else { return nil }
        let start = UInt(bitPattern: memory) + UInt(page)
        return LoopStack(start: start, end: start + UInt(bytes))
    }
}

/// Zeroed memory of the runtime's own that a snapshot leaves alone because it is shared; `nil` when there is none.
func mapUntracked(bytes: Int) -> UnsafeMutableRawPointer? {
    let memory = fuzzd_map_apart(roundedUpToPage(bytes), MAP_SHARED | MAP_ANONYMOUS, -1)
    return memory == mapFailed ? nil : memory
}
