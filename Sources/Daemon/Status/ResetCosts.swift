import ForkServer

/// What the resets of a campaign took on average (strategy `snapshot`), since its machine was last started.
package struct ResetCosts: Codable, Sendable, Equatable {
    package var count: UInt64
    /// Of one reset; the next five are parts of it.
    package var microseconds: Double
    /// Finding out which pages were written to.
    package var scanMicroseconds: Double
    package var copyMicroseconds: Double
    /// Protecting pages again, and giving back those that were not there.
    package var protectMicroseconds: Double
    package var threadMicroseconds: Double
    /// Descriptors, mappings, signals and the like.
    package var stateMicroseconds: Double
    package var pagesPerInput: Double
    /// Share of resets that had to look for written pages in all memory, 0…1.
    package var scannedShare: Double

    package init?(_ statistics: ResetStatistics) {
        guard statistics.resets > 0 else { return nil }
        let resets = Double(statistics.resets)
        let each = { (nanoseconds: UInt64) in Double(nanoseconds) / 1000 / resets }
        count = statistics.resets
        microseconds = each(statistics.nanoseconds)
        scanMicroseconds = each(statistics.scanNanoseconds)
        copyMicroseconds = each(statistics.copyNanoseconds)
        protectMicroseconds = each(statistics.protectNanoseconds)
        threadMicroseconds = each(statistics.threadNanoseconds)
        stateMicroseconds = each(statistics.stateNanoseconds)
        pagesPerInput = Double(statistics.pages) / resets
        scannedShare = Double(statistics.scans) / resets
    }
}
