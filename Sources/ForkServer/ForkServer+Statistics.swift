import CForkServerABI
import Glibc

// What a running target tells of itself: counts, and why something is not done as it was asked for.
extension ForkServer {
    /// Why inputs run under `fork` since some time although snapshots were taken at first, or were to be; `nil` otherwise.
    package var snapshotAbandonment: String? {
        guard configuration.strategy == .snapshot, snapshotRefusal == nil,
            let header = workers.first(where: { $0.header.pointee.settings.strategy != ResetStrategy.snapshot.abiValue })?.header
        else { return nil }
        let hasThreads = header.pointee.replaced_for_changes & UInt64(FUZZD_CHANGE_THREADS.rawValue) != 0
        return hasThreads ? "the target has threads" : "a snapshot could not be taken"
    }

    /// Why runners have no log of page faults and scan all memory for written pages (strategy `snapshot`): an errno; `nil` where
    /// they have one.
    package var faultLogRefusal: Int32? {
        let refusal = workers.first { $0.header.pointee.resets.fault_log_refusal != 0 }?.header.pointee.resets.fault_log_refusal
        return refusal.map { Int32(truncatingIfNeeded: $0) }
    }

    /// Runners that were replaced because an input changed what a reset cannot undo (strategy `snapshot`).
    package var replacedRunners: ReplacedRunners {
        ReplacedRunners(
            count: workers.reduce(0) { $0 + $1.header.pointee.runners_replaced },
            changes: workers.reduce(0) { $0 | $1.header.pointee.replaced_for_changes })
    }

    /// Inputs that a child ran which was forked while another one did (strategy `fork`).
    package var inputsOfChildrenAhead: UInt64 { workers.reduce(0) { $0 + $1.header.pointee.inputs_of_children_ahead } }

    /// Runs a bare fork, `_exit`, wait loop inside worker 0's machine parent; nanoseconds for all turns. Nothing may be
    /// under way.
    package func measureBareFork(turns: UInt32) -> UInt64? {
        guard let worker = workers.first, worker.inFlight == 0 else { return nil }
        worker.send(FUZZD_MESSAGE_MEASURE_FORK, argument: turns)
        while true {
            var message = fuzzd_message()
            let received = recv(worker.controlSocket, &message, MemoryLayout<fuzzd_message>.size, 0)
            guard received == MemoryLayout<fuzzd_message>.size else { return nil }
            if message.kind == UInt32(FUZZD_MESSAGE_MEASURED.rawValue) { return message.value }
        }
    }
}
