import CForkServerABI
import Fuzzing

/// What the harness's own reboot left behind after one input: where memory differs from the snapshot.
package struct RebootAudit: Sendable, Equatable {
    package struct Range: Sendable, Equatable {
        package var address: UInt64
        package var bytes: UInt64

        package init(address: UInt64, bytes: UInt64) {
            self.address = address
            self.bytes = bytes
        }
    }

    /// The process that can be looked at until the next input is submitted: as the reboot left it.
    package var runner: Int32
    /// The process that still has what the input started from.
    package var machineParent: Int32
    /// Ascending; equal bytes within eight of two differences are in them, and whole pages that were not there before.
    package var ranges: [Range]
    /// Differences that were not listed because there were too many.
    package var droppedRanges: UInt64
    /// Where the machine parent has its `struct fuzzd_allocations`; 0 where it noted none.
    package var allocations: UInt64
}

extension ForkServer {
    /// What is known after a verdict, before the next input is submitted; `nil` where the input ended its runner.
    package func rebootAudit(of sequence: ExecutionSequence, worker index: Int) -> RebootAudit? {
        let worker = workers[index]
        let offset = Int(worker.header.pointee.audit_offset)
        guard offset != 0 else { return nil }
        let audit = worker.file.base.advanced(by: offset).assumingMemoryBound(to: fuzzd_audit.self)
        guard audit.pointee.sequence == sequence &+ 1, let ranges = fuzzd_audit_ranges(audit) else { return nil }
        return RebootAudit(
            runner: Int32(bitPattern: audit.pointee.runner_id), machineParent: worker.machineParent,
            ranges: (0..<Int(audit.pointee.range_count)).map {
                RebootAudit.Range(address: ranges[$0].address, bytes: ranges[$0].bytes)
            },
            droppedRanges: audit.pointee.dropped_ranges, allocations: audit.pointee.allocations)
    }
}
