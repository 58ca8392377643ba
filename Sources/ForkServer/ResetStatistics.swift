import CForkServerABI

/// What the resets of all workers' runners cost since the start (strategy `snapshot`), and what comparisons with the snapshot
/// found. Read while runners write: a figure may be one reset older than another.
package struct ResetStatistics: Sendable, Equatable {
    package var resets: UInt64 = 0
    /// Resets that had to look for written pages in all memory.
    package var scans: UInt64 = 0
    package var pages: UInt64 = 0
    /// Times that a thread had to be held still.
    package var parkedThreads: UInt64 = 0
    package var nanoseconds: UInt64 = 0
    package var threadNanoseconds: UInt64 = 0
    package var stateNanoseconds: UInt64 = 0
    package var scanNanoseconds: UInt64 = 0
    package var copyNanoseconds: UInt64 = 0
    package var protectNanoseconds: UInt64 = 0
    /// One a runner.
    package var snapshots: UInt64 = 0
    package var snapshotNanoseconds: UInt64 = 0
    package var runnersReplaced: UInt64 = 0
    package var checks: UInt64 = 0
    package var differingChecks: UInt64 = 0

    mutating func add(_ header: fuzzd_worker_header) {
        resets += header.resets.resets
        scans += header.resets.scans
        pages += header.resets.pages
        parkedThreads += header.resets.parked_threads
        nanoseconds += header.resets.nanoseconds
        threadNanoseconds += header.resets.thread_nanoseconds
        stateNanoseconds += header.resets.state_nanoseconds
        scanNanoseconds += header.resets.scan_nanoseconds
        copyNanoseconds += header.resets.copy_nanoseconds
        protectNanoseconds += header.resets.protect_nanoseconds
        snapshots += header.resets.snapshots
        snapshotNanoseconds += header.resets.snapshot_nanoseconds
        runnersReplaced += header.runners_replaced
        checks += header.reset_checks.checks
        differingChecks += header.reset_checks.differing_checks
    }

    /// What was added since an earlier look.
    package func since(_ earlier: ResetStatistics) -> ResetStatistics {
        var result = self
        result.resets -= earlier.resets
        result.scans -= earlier.scans
        result.pages -= earlier.pages
        result.parkedThreads &-= earlier.parkedThreads
        result.nanoseconds -= earlier.nanoseconds
        result.threadNanoseconds -= earlier.threadNanoseconds
        result.stateNanoseconds -= earlier.stateNanoseconds
        result.scanNanoseconds -= earlier.scanNanoseconds
        result.copyNanoseconds -= earlier.copyNanoseconds
        result.protectNanoseconds -= earlier.protectNanoseconds
        result.snapshots -= earlier.snapshots
        result.snapshotNanoseconds -= earlier.snapshotNanoseconds
        result.runnersReplaced -= earlier.runnersReplaced
        result.checks -= earlier.checks
        result.differingChecks -= earlier.differingChecks
        return result
    }
}

/// The first difference that a comparison with the snapshot found.
package struct ResetDifference: Sendable, Equatable {
    package enum Kind: UInt32, Sendable {
        case memory = 1, page, mapping, descriptor, thread
    }

    package var kind: Kind
    /// Of memory, pages and mappings; else a descriptor, or the number of threads.
    package var address: UInt64
    package var expected: UInt8
    package var found: UInt8
    package var symbol: String?
}

extension ForkServer {
    /// Of all workers together.
    package var resetStatistics: ResetStatistics {
        var result = ResetStatistics()
        for worker in workers { result.add(worker.header.pointee) }
        return result
    }

    /// The first one of the worker with the lowest number that has any; `nil` while there is none.
    package var firstResetDifference: ResetDifference? {
        for worker in workers {
            let checks = worker.header.pointee.reset_checks
            guard let kind = ResetDifference.Kind(rawValue: checks.kind) else { continue }
            return ResetDifference(
                kind: kind, address: checks.address, expected: checks.expected, found: checks.found,
                symbol: modules?.dataSymbol(at: checks.address))
        }
        return nil
    }
}
