import CForkServerABI
import CTargetRuntime

// Strategy `fork`: a fresh child for each input.
extension ForkServer {
    func serveByFork(_ serving: inout Serving) -> Never {
        var sequence = serving.file.verdictsPublished
        var placement = Placement()
        while true {
            let slot = serving.file.slot(sequence)
            slot.pointee.wait_nanoseconds = waitForInput(sequence, serving) { answer($0) }
            runInFork(sequence, slot, &serving, sharesProcessor: placement.isOnOne)
            placement.endInput(
                nanoseconds: slot.pointee.fork_nanoseconds &+ slot.pointee.child_nanoseconds
                    &+ slot.pointee.reap_nanoseconds)
            serving.file.publishVerdict(sequence, controlSocket: controlSocket)
            sequence &+= 1
        }
    }

    /// Answers the daemon's wish to know what a bare fork costs here.
    private func answer(_ message: fuzzd_message) {
        guard message.kind == UInt32(FUZZD_MESSAGE_MEASURE_FORK.rawValue) else { return }
        var measured = fuzzd_message(
            kind: UInt32(FUZZD_MESSAGE_MEASURED.rawValue), argument: message.argument,
            value: measureBareFork(turns: message.argument))
        _ = send(controlSocket, &measured, MemoryLayout<fuzzd_message>.size, sendFlags)
    }

    /// Runs an input that a runner could not: one that starts a program.
    func runLeftToFork(_ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ serving: inout Serving) {
        guard serving.file.live.pointee.child_outcome == FUZZD_OUTCOME_LEFT_TO_FORK.rawValue else { return }
        serving.file.header.pointee.runners_replaced &+= 1
        serving.file.header.pointee.replaced_for_changes |= UInt64(FUZZD_CHANGE_PROGRAM.rawValue)
        // What the harness made of it is in its slot already.
        let (hasPartner, mutates) = (slot.pointee.has_partner, slot.pointee.mutates)
        slot.pointee.has_partner = 0
        slot.pointee.mutates = 0
        // glibc's fork, which tells the target that its threads are lost: nobody starts them again in this child.
        var server = self
        server.threads = nil
        server.runInFork(sequence, slot, &serving, sharesProcessor: false)
        slot.pointee.has_partner = hasPartner
        slot.pointee.mutates = mutates
    }

    private func runInFork(
        _ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ serving: inout Serving, sharesProcessor: Bool
    ) {
        let file = serving.file
        let live = file.live
        beginInput(sequence, slot, live)
        serving.output.beginInput()
        let request = InputRequest(sequence, slot, file)
        let current = serving
        let beforeFork = monotonicNanoseconds()
        fuzzd_live_store_input_started_nanoseconds(live, beforeFork)
        let child = forkChild { runInput(request, current) }
        let afterFork = monotonicNanoseconds()
        slot.pointee.fork_nanoseconds = afterFork &- beforeFork
        guard child > 0 else {
            slot.pointee.outcome = UInt32(FUZZD_OUTCOME_FORK_FAILED.rawValue)
            slot.pointee.exit_code = fuzzd_errno()
            return
        }
        fuzzd_live_store_child_process_id(live, child)
        // A short input is over by then, and nothing has to be set up to watch it.
        let hasEnded = sharesProcessor && fuzzd_run_child_first(child) != 0
        if hasEnded { serving.output.drain(into: file.output(sequence), limit: Int(file.settings.output_limit_bytes)) }
        let end = hasEnded ? ChildEnd.itself : watch(child, &serving)
        reap(child, slot, &serving, end: end, afterFork: afterFork)
    }

    func watch(_ child: pid_t, _ serving: inout Serving) -> ChildEnd {
        fuzzd_live_store_child_process_id(serving.file.live, child)
        let descriptor = fuzzd_pidfd_open(child)
        guard descriptor >= 0 else {
            // It has ended, and the target ignores SIGCHLD.
            if fuzzd_errno() == ESRCH { return .itself }
            kill(child, SIGKILL)
            return .unwatched
        }
        defer { close(descriptor) }
        var supervision = Supervision(
            child: child, childDescriptor: descriptor, controlSocket: controlSocket,
            settings: serving.file.settings, live: serving.file.live)
        return supervision.waitForEnd(output: &serving.output, timer: &serving.timer, file: serving.file)
    }

    /// Returns the wait status.
    @discardableResult
    func reap(
        _ child: pid_t, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ serving: inout Serving, end: ChildEnd,
        afterFork: UInt64
    ) -> Int32 {
        let ended = monotonicNanoseconds()
        let live = serving.file.live
        var status: Int32 = 0
        var usage = rusage()
        while wait4(child, &status, 0, &usage) < 0, fuzzd_errno() == EINTR {}
        if ProcessTree.endDescendants() {
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
        let list = serving.file.counterList(fuzzd_live_load_sequence(live))
        slot.pointee.counter_count = UInt32(serving.coverage.collect(into: list))
        serving.coverage.pages.restoreNeighbours()
        slot.pointee.child_nanoseconds = ended &- afterFork
        slot.pointee.reap_nanoseconds = monotonicNanoseconds() &- ended
        return status
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
