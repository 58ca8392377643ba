import CForkServerABI
import CTargetRuntime

// From a child's end to the verdict, for children and for runners that ended.
extension ForkServer {
    /// All of the verdict but the counters; returns the wait status. When it is through the next input may begin, if its counters
    /// are others.
    @discardableResult
    func reap(
        _ child: pid_t, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ serving: inout Serving, _ ahead: ForkAhead? = nil,
        end: ChildEnd, afterFork: UInt64
    ) -> Int32 {
        let ended = monotonicNanoseconds()
        let live = serving.file.live
        var status: Int32 = 0
        var usage = rusage()
        while wait4(child, &status, 0, &usage) < 0, fuzzd_errno() == EINTR {}
        if ahead?.endDescendants() ?? ProcessTree.endDescendants() {
            // What they printed since belongs to this input, not to the next one.
            serving.output.drain(
                into: serving.file.output(fuzzd_live_load_sequence(live)),
                limit: Int(serving.file.settings.output_limit_bytes))
        }
        fuzzd_restore_files()
        fuzzd_live_store_child_process_id(live, 0)
        fuzzd_live_store_input_started_nanoseconds(live, 0)
        serving.output.takeReport(into: serving.file.output(fuzzd_live_load_sequence(live)))
        conclude(slot, end: end, status: status, peakKibibytes: UInt64(max(0, usage.ru_maxrss)), serving)
        slot.pointee.output_bytes = UInt32(serving.output.keptBytes)
        slot.pointee.output_bytes_total = serving.output.totalBytes
        slot.pointee.child_nanoseconds = ended &- afterFork
        slot.pointee.reap_nanoseconds = monotonicNanoseconds() &- ended
        return status
    }

    /// Collects and clears the counters of an input whose child is gone, in place or in a set at `base`, and puts what shares their
    /// pages back.
    func collectCounters(
        _ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ serving: Serving, at base: UnsafeMutableRawPointer? = nil
    ) {
        let list = serving.file.counterList(sequence)
        slot.pointee.counter_count = UInt32(serving.coverage.collect(into: list, at: base))
        serving.coverage.pages.restoreNeighbours(at: base)
    }

    /// Makes the verdict known. `since`: nothing runs meanwhile, so that time is part of the input's.
    func publish(_ input: ForkedInput, _ serving: inout Serving, _ ahead: ForkAhead?, since: UInt64?) {
        if input.child > 0 {
            collectCounters(input.sequence, input.slot, serving, at: ahead?.sets.memory(of: input.set))
            if let since { input.slot.pointee.reap_nanoseconds &+= monotonicNanoseconds() &- since }
        }
        serving.file.publishVerdict(input.sequence, controlSocket: controlSocket)
    }

    /// Answers an input that was withdrawn, or whose condition does not hold: no child is made for it.
    func leaveOut(_ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ file: WorkerFile) {
        concludeWithoutEnd(slot, FUZZD_OUTCOME_WITHDRAWN)
        slot.pointee.counter_count = 0
        fuzzd_slot_crash(slot)?.pointee.is_valid = 0
        file.publishVerdict(sequence, controlSocket: controlSocket)
    }

    /// The outcome of an input with which no process ended: it left no status and no output.
    func concludeWithoutEnd(_ slot: UnsafeMutablePointer<fuzzd_slot>, _ outcome: fuzzd_outcome) {
        slot.pointee.outcome = UInt32(outcome.rawValue)
        slot.pointee.signal = 0
        slot.pointee.exit_code = 0
        slot.pointee.output_bytes = 0
        slot.pointee.output_bytes_total = 0
    }

    /// Turns how the child ended into the outcome. A limit that was passed comes before the signal that ended it.
    private func conclude(
        _ slot: UnsafeMutablePointer<fuzzd_slot>, end: ChildEnd, status: Int32, peakKibibytes: UInt64,
        _ serving: Serving
    ) {
        let live = serving.file.live
        let settings = serving.file.settings
        slot.pointee.operations = fuzzd_live_load_operations(live)
        slot.pointee.comparison_count = live.pointee.comparison_count
        slot.pointee.word_comparison_count = live.pointee.word_comparison_count
        slot.pointee.peak_resident_kibibytes = peakKibibytes
        slot.pointee.signal = fuzzd_status_signal(status)
        slot.pointee.exit_code = fuzzd_status_exit_code(status)
        let outcome: fuzzd_outcome =
            switch end {
            case .inputTimeout: FUZZD_OUTCOME_INPUT_TIMEOUT
            case .operationTimeout: FUZZD_OUTCOME_OPERATION_TIMEOUT
            case .outOfMemory: FUZZD_OUTCOME_OUT_OF_MEMORY
            case .tooManyProcesses: FUZZD_OUTCOME_TOO_MANY_PROCESSES
            case .unwatched: FUZZD_OUTCOME_FORK_FAILED
            case .itself:
                if settings.memory_limit_bytes != 0, peakKibibytes &* 1024 > settings.memory_limit_bytes {
                    FUZZD_OUTCOME_OUT_OF_MEMORY
                } else if live.pointee.child_outcome != 0 {
                    fuzzd_outcome(rawValue: live.pointee.child_outcome)
                } else if slot.pointee.signal != 0 {
                    FUZZD_OUTCOME_SIGNALLED
                } else if slot.pointee.crash.is_valid != 0 {
                    // In a process that the harness forked.
                    FUZZD_OUTCOME_SIGNALLED
                } else if live.pointee.has_completed == 0 {
                    FUZZD_OUTCOME_EXITED
                } else if live.pointee.harness_result != 0 {
                    FUZZD_OUTCOME_REJECTED
                } else {
                    FUZZD_OUTCOME_PASSED
                }
            }
        slot.pointee.outcome = UInt32(outcome.rawValue)
        if outcome == FUZZD_OUTCOME_SIGNALLED, slot.pointee.signal == 0 { slot.pointee.signal = slot.pointee.crash.signal }
    }
}
