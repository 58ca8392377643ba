import CForkServerABI
import CTargetRuntime

/// Measures one reset by its parts, in cycles, which are turned into nanoseconds by the length of the whole.
struct ResetClock {
    private let startNanoseconds: UInt64
    private let start: UInt64
    private var threads: UInt64 = 0
    private var state: UInt64 = 0
    private var memory: UInt64 = 0

    init(start nanoseconds: UInt64) {
        startNanoseconds = nanoseconds
        start = fuzzd_cycles()
    }

    mutating func endThreads() { threads = fuzzd_cycles() }
    mutating func endState() { state = fuzzd_cycles() }
    mutating func endMemory() { memory = fuzzd_cycles() }

    /// Ends the measurement and adds it up. `parkedThreads` is counted since the runner's start.
    func add(to statistics: inout fuzzd_reset_statistics, _ cost: TrackedMemory.Cost, parkedThreads: UInt64) {
        let end = fuzzd_cycles()
        let nanoseconds = monotonicNanoseconds() &- startNanoseconds
        let perCycle = Double(nanoseconds) / Double(max(1, end &- start))
        let inNanoseconds = { (cycles: UInt64) in UInt64(Double(cycles) * perCycle) }
        let kernel = cost.scanCycles &+ cost.protectCycles
        let copying = memory &- state
        statistics.resets &+= 1
        statistics.scans &+= UInt64(cost.scans)
        statistics.pages &+= UInt64(cost.pages)
        statistics.parked_threads = parkedThreads
        statistics.nanoseconds &+= nanoseconds
        statistics.thread_nanoseconds &+= inNanoseconds((threads &- start) &+ (end &- memory))
        statistics.state_nanoseconds &+= inNanoseconds(state &- threads)
        statistics.scan_nanoseconds &+= inNanoseconds(cost.scanCycles)
        statistics.copy_nanoseconds &+= inNanoseconds(copying > kernel ? copying &- kernel : 0)
        statistics.protect_nanoseconds &+= inNanoseconds(cost.protectCycles)
    }
}
