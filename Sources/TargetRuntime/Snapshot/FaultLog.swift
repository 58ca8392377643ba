import CForkServerABI
import CTargetRuntime

/// Where memory was written to since the last reset, without a scan: the first write to a protected page is a page fault, and
/// the kernel counts them all and writes their addresses down.
///
/// Only the first thread's are written down. Where others, or the kernel on behalf of the target, had some, or where this
/// process may not read such a log, the count tells. Owned by one runner; in memory that is not put back.
struct FaultLog {
    private var log: fuzzd_fault_log
    private let addresses: UnsafeMutablePointer<UInt64>
    /// Why nothing is written down; errno, or 0.
    let refusal: Int32
    /// Page faults of the process when everything had been put back; `nil` when that is not known.
    private var countAtReset: Int64?

    /// More are not worth sorting: a scan takes no longer.
    private static var capacity: Int { 1024 }

    /// `nil` with errno set when there is no memory. Without the right to a log there is one that knows the count only.
    static func open() -> FaultLog? {
        guard let memory = mapUntracked(bytes: capacity * MemoryLayout<UInt64>.stride) else { return nil }
        let addresses = memory.assumingMemoryBound(to: UInt64.self)
        var log = fuzzd_fault_log(memory: nil, descriptor: -1)
        guard fuzzd_fault_log_open(&log, 0) == 0 else {
            return FaultLog(log: log, addresses: addresses, refusal: fuzzd_errno())
        }
        log.descriptor = fuzzd_move_descriptor(log.descriptor, Descriptors.firstOwn)
        guard log.descriptor >= 0 else { return nil }
        guard fuzzd_fault_log_map(&log) != 0 else { return FaultLog(log: log, addresses: addresses, refusal: 0) }
        let cause = fuzzd_errno()
        close(log.descriptor)
        return FaultLog(log: log, addresses: addresses, refusal: cause)
    }

    private init(log: fuzzd_fault_log, addresses: UnsafeMutablePointer<UInt64>, refusal: Int32) {
        self.log = log
        self.addresses = addresses
        self.refusal = refusal
    }

    /// The page at a place in the order of addresses, each but once.
    subscript(index: Int) -> UInt { UInt(addresses[index]) }

    /// Everything is as it should be: what comes now belongs to the next input. Counted first, and read first in `take`: a fault
    /// of the runtime's own between the two is missing in the log then, which the count tells.
    mutating func begin() {
        let count = fuzzd_page_faults()
        countAtReset = count < 0 ? nil : count
        if log.memory != nil { _ = fuzzd_fault_log_read(&log, addresses, Self.capacity) }
    }

    /// Takes the pages with faults since `begin`, ascending; their number, or `nil` when some are not known.
    mutating func take() -> Int? {
        let logged = log.memory == nil ? 0 : fuzzd_fault_log_read(&log, addresses, Self.capacity)
        let count = fuzzd_page_faults()
        guard let before = countAtReset, count >= 0, logged >= 0, Int64(logged) == count - before else { return nil }
        return sortPages(Int(logged))
    }

    /// Sorts by Shell's method, which needs no memory, and leaves out what is there twice.
    private func sortPages(_ count: Int) -> Int {
        for index in 0..<count { addresses[index] &= ~(UInt64(FUZZD_PAGE_BYTES) - 1) }
        var gap = count
        while gap > 1 {
            gap = gap < 5 ? 1 : gap * 5 / 11
            for index in gap..<count {
                let address = addresses[index]
                var place = index
                while place >= gap, addresses[place - gap] > address {
                    addresses[place] = addresses[place - gap]
                    place -= gap
                }
                addresses[place] = address
            }
        }
        var kept = 0
        for index in 0..<count where index == 0 || addresses[index] != addresses[kept - 1] {
            addresses[kept] = addresses[index]
            kept += 1
        }
        return kept
    }
}
