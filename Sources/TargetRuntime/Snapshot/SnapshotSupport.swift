import CForkServerABI
import CTargetRuntime

extension Snapshot {
    /// Where the kernel cannot do it, the strategy becomes `fork`; returns the errno that says why, or 0.
    static func fallBackWhereRefused(_ file: WorkerFile) -> Int32 {
        guard file.isSnapshot else { return 0 }
        let refusal = isRefusedBySanitizer ? ENOTSUP : refusalByKernel()
        if refusal != 0 { fallBack(file) }
        return refusal
    }

    /// Runners in a row that ended before their first input: the kernel refused their snapshot, or somebody killed them.
    static var mostFailedStarts: Int { 5 }

    static func fallBack(_ file: WorkerFile) {
        file.header.pointee.settings.strategy = UInt32(FUZZD_STRATEGY_FORK.rawValue)
    }

    /// ThreadSanitizer's threads have state in its runtime that is not theirs to put back; MemorySanitizer was not tried.
    private static var isRefusedBySanitizer: Bool {
        fuzzd_sanitizers() & (FUZZD_HAS_MSAN.rawValue | FUZZD_HAS_TSAN.rawValue) != 0
    }

    /// Tries each step on a page: userfaultfd with asynchronous write protection (Linux 6.7), `PAGEMAP_SCAN` (6.7).
    private static func refusalByKernel() -> Int32 {
        let page = Int(FUZZD_PAGE_BYTES)
        let userfault = fuzzd_userfault_open()
        guard userfault >= 0 else { return fuzzd_errno() }
        defer { close(userfault) }
        let pagemap = fuzzd_open_for_reading(cString("/proc/self/pagemap"))
        guard pagemap >= 0, let memory = mapPrivate(bytes: page) else { return fuzzd_errno() }
        defer {
            close(pagemap)
            fuzzd_unmap(memory, page)
        }
        let start = UInt64(UInt(bitPattern: memory))
        var region = fuzzd_page_region()
        var walkedTo: UInt64 = 0
        guard fuzzd_userfault_register(userfault, start, UInt64(page)) == 0,
            fuzzd_userfault_protect(userfault, start, UInt64(page)) == 0,
            fuzzd_scan_written(pagemap, start, start + UInt64(page), &region, 1, &walkedTo) == 0
        else { return max(fuzzd_errno(), EINVAL) }
        memory.storeBytes(of: 1, as: UInt8.self)
        let found = fuzzd_scan_written(pagemap, start, start + UInt64(page), &region, 1, &walkedTo)
        return found == 1 ? 0 : max(fuzzd_errno(), EINVAL)
    }
}
