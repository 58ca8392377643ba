import CForkServerABI
import CTargetRuntime

// Strategies `reboot` and `none`: one long-lived child, the runner, takes input after input and publishes their
// verdicts itself; the machine parent only watches it and replaces it when it dies.
extension ForkServer {
    func serveByRunner(_ serving: inout Serving) -> Never {
        while true {
            let first = serving.file.verdictsPublished
            fuzzd_live_store_sequence(serving.file.live, first)
            fuzzd_live_store_input_started_nanoseconds(serving.file.live, 0)
            serving.output.beginInput()
            let current = serving
            let runner = forkChild { runInputs(from: first, current) }
            let afterFork = monotonicNanoseconds()
            guard runner > 0 else { _exit(1) }
            let end = watch(runner, &serving)
            let sequence = serving.file.verdictsPublished
            // An input that ended the runner; without one, the runner was ended from outside.
            let slot = serving.file.slot(sequence)
            reap(runner, slot, &serving, end: end, afterFork: afterFork)
            if serving.file.hasInput(sequence) {
                serving.file.publishVerdict(sequence, controlSocket: controlSocket)
            }
        }
    }

    /// The runner's loop. Never returns: ends when the daemon hangs up or an input ends the process.
    private func runInputs(from first: UInt64, _ serving: Serving) {
        let file = serving.file
        let live = file.live
        let isRebooted = file.settings.strategy == UInt32(FUZZD_STRATEGY_REBOOT.rawValue)
        var sequence = first
        while true {
            let waited = waitForInput(sequence, serving) { _ in }
            guard file.hasInput(sequence) else { continue }
            let slot = file.slot(sequence)
            slot.pointee.wait_nanoseconds = waited
            beginInput(sequence, slot, live)
            let start = monotonicNanoseconds()
            fuzzd_live_store_input_started_nanoseconds(live, start)
            runInput(InputRequest(sequence, slot, file), file)
            slot.pointee.operations = fuzzd_live_load_operations(live)
            slot.pointee.counter_count = UInt32(serving.coverage.collect(into: file.counterList(sequence)))
            if isRebooted {
                callbacks.resetMachine?()
                serving.coverage.clear()
            }
            let ended = monotonicNanoseconds()
            fuzzd_live_store_input_started_nanoseconds(live, 0)
            finish(slot, live, nanoseconds: ended &- start)
            file.publishVerdict(sequence, controlSocket: controlSocket)
            sequence &+= 1
        }
    }

    private func finish(
        _ slot: UnsafeMutablePointer<fuzzd_slot>, _ live: UnsafeMutablePointer<fuzzd_live>, nanoseconds: UInt64
    ) {
        let outcome = live.pointee.harness_result == 0 ? FUZZD_OUTCOME_PASSED : FUZZD_OUTCOME_REJECTED
        slot.pointee.outcome = UInt32(outcome.rawValue)
        slot.pointee.signal = 0
        slot.pointee.exit_code = 0
        slot.pointee.output_bytes = 0
        slot.pointee.output_bytes_total = 0
        slot.pointee.fork_nanoseconds = 0
        slot.pointee.child_nanoseconds = nanoseconds
        slot.pointee.reap_nanoseconds = 0
        slot.pointee.peak_resident_kibibytes = 0
        slot.pointee.comparison_count = live.pointee.comparison_count
    }
}
