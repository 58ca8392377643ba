import CForkServerABI
import CTargetRuntime

// Strategy `fork`: a fresh child for each input, forked when the input is there, or ahead, while the child before it runs.
extension ForkServer {
    /// An input whose child is under way, or has ended and has its counters not collected yet.
    struct ForkedInput {
        let sequence: UInt64
        let slot: UnsafeMutablePointer<fuzzd_slot>
        var child: pid_t
        /// Of the counters it counts in.
        var set: Int
        /// It says at its end which pages it has.
        var isSample = false
        /// It was forked ahead.
        var isReleased = false
        var started: UInt64 = 0
    }

    func serveByFork(_ serving: inout Serving) -> Never {
        var sequence = serving.file.verdictsPublished
        var ahead = ForkAhead(serving)
        var pages: PagesAhead?
        keepFromChildren(serving)
        let choice = ForkAheadChoice(serving.file.settings, ahead, workers: handover.workerCount, worker: workerIndex)
        var placement = Placement(ahead: choice)
        var last: ForkedInput?
        while true {
            let slot = serving.file.slot(sequence)
            // Before a child that waits is let go nothing is done that can be done while it runs.
            let isAtOnce = ahead?.waiting != nil && serving.file.hasInput(sequence) && !serving.file.isStopRequested
            if let ended = last, !isAtOnce {
                publish(ended, serving, ahead, since: monotonicNanoseconds())
                last = nil
            }
            slot.pointee.wait_nanoseconds = waitForInput(sequence, serving) { answer($0) }
            var input = start(sequence, slot, &serving, &ahead)
            if let ended = last { publish(ended, serving, ahead, since: nil) }
            if placement.forksAhead, input.child > 0 { forkNext(sequence &+ 1, besides: input, serving, &ahead, &pages) }
            end(&input, &serving, &ahead, sharesProcessor: placement.isOnOne)
            if input.isSample { pages?.endSample() }
            if pages == nil, ahead?.takesPages() == true { pages = PagesAhead() }
            placement.endInput(
                nanoseconds: slot.pointee.fork_nanoseconds &+ slot.pointee.child_nanoseconds
                    &+ slot.pointee.reap_nanoseconds)
            last = input
            sequence &+= 1
        }
    }

    /// Memory that only the machine parent needs costs its children a mapping each. Siblings are forked by then.
    private func keepFromChildren(_ serving: Serving) {
        serving.output.keepFromChildren()
        serving.coverage.pages.keepFromChildren()
    }

    /// Lets the waiting child have the input, or forks one.
    private func start(
        _ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ serving: inout Serving, _ ahead: inout ForkAhead?
    ) -> ForkedInput {
        beginInput(sequence, slot, serving.file.live)
        serving.output.beginInput()
        guard let waiting = ahead?.take(), let gate = ahead?.gate(waiting.set) else {
            return fork(sequence, slot, serving, set: ahead?.sets.current ?? 0)
        }
        let now = monotonicNanoseconds()
        fuzzd_live_store_input_started_nanoseconds(serving.file.live, now)
        fuzzd_live_store_child_process_id(serving.file.live, waiting.process)
        fuzzd_open_gate(gate)
        serving.file.header.pointee.inputs_of_children_ahead &+= 1
        let opened = monotonicNanoseconds()
        slot.pointee.fork_nanoseconds = opened &- now
        return ForkedInput(
            sequence: sequence, slot: slot, child: waiting.process, set: waiting.set, isSample: waiting.isSample,
            isReleased: true, started: opened)
    }

    private func fork(
        _ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ serving: Serving, set: Int
    ) -> ForkedInput {
        let live = serving.file.live
        let request = InputRequest(sequence, slot, serving.file)
        let beforeFork = monotonicNanoseconds()
        fuzzd_live_store_input_started_nanoseconds(live, beforeFork)
        let child = forkChild {
            becomeChild(of: set, serving)
            runInput(request, serving)
        }
        if child < 0 {
            slot.pointee.exit_code = fuzzd_errno()
            slot.pointee.outcome = UInt32(FUZZD_OUTCOME_FORK_FAILED.rawValue)
        }
        let afterFork = monotonicNanoseconds()
        slot.pointee.fork_nanoseconds = afterFork &- beforeFork
        if child > 0 { fuzzd_live_store_child_process_id(live, child) }
        return ForkedInput(sequence: sequence, slot: slot, child: child, set: set, started: afterFork)
    }

    /// Forks the child of the input behind `running`. Without one (no memory, no processes) that input's child is forked when its
    /// turn comes.
    private func forkNext(
        _ sequence: UInt64, besides running: ForkedInput, _ serving: Serving, _ ahead: inout ForkAhead?, _ pages: inout PagesAhead?
    ) {
        guard ahead != nil, ahead?.waiting == nil else { return }
        ahead?.prepare(besides: running.set)
        guard let set = ahead?.sets.current, let gate = ahead?.gate(set) else { return }
        let slot = serving.file.slot(sequence)
        // There is one sample at a time, and time for pages only behind an input that is not over at once.
        let current = ahead?.expectsShort == true || running.isSample ? nil : pages
        let isSample = current != nil && pages?.beginChild() == true
        let beforeFork = monotonicNanoseconds()
        let child = forkChild {
            becomeChild(of: set, serving)
            current?.beginInput(isSample: isSample, gate)
            fuzzd_wait_at_gate(gate)
            // Of the inputs before, and of what they asked for, this copy of the machine parent knows nothing.
            fuzzd_shorten_stacks(slot.pointee.shortens_stacks != 0 ? 1 : 0)
            runInput(InputRequest(sequence, slot, serving.file), serving)
        }
        if child > 0 { ahead?.keep(child, isSample: isSample, forkNanoseconds: monotonicNanoseconds() &- beforeFork) }
    }

    /// In a child: modules that it opens count in its own set.
    @inline(__always)
    private func becomeChild(of set: Int, _ serving: Serving) {
        if set != 0 { LateModules.move(by: set &* serving.coverage.pages.bytes) }
    }

    /// Waits for the end of the input's child, and fills the verdict in but for the counters.
    private func end(
        _ input: inout ForkedInput, _ serving: inout Serving, _ ahead: inout ForkAhead?, sharesProcessor: Bool
    ) {
        guard input.child > 0 else { return }
        // A short input is over by then.
        let isOver =
            sharesProcessor
            ? fuzzd_run_child_first(input.child) != 0 : ahead?.waiting != nil && ahead?.isOver(input.child) == true
        let end = waitForEnd(input, &serving, isOver: isOver)
        ahead?.approach()
        reap(input.child, input.slot, &serving, ahead, end: end, afterFork: input.started)
        ahead?.endInput(nanoseconds: input.slot.pointee.child_nanoseconds)
        guard input.isReleased, end == .itself, let gate = ahead?.gate(input.set), fuzzd_has_passed_gate(gate) == 0
        else { return }
        runAgain(&input, &serving, &ahead)
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
        var ahead: ForkAhead?
        var input = server.start(sequence, slot, &serving, &ahead)
        server.end(&input, &serving, &ahead, sharesProcessor: false)
        server.collectCounters(sequence, slot, serving)
        slot.pointee.has_partner = hasPartner
        slot.pointee.mutates = mutates
    }

    /// A waiting child was ended from outside before it took its input: another one does.
    private func runAgain(_ input: inout ForkedInput, _ serving: inout Serving, _ ahead: inout ForkAhead?) {
        collectCounters(input.sequence, input.slot, serving, at: ahead?.sets.memory(of: input.set))
        beginInput(input.sequence, input.slot, serving.file.live)
        serving.output.beginInput()
        // The other set is that of the child which waits by now.
        ahead?.prepare(besides: 1 - input.set)
        input = fork(input.sequence, input.slot, serving, set: input.set)
        guard input.child > 0 else { return }
        let end = waitForEnd(input, &serving, isOver: false)
        reap(input.child, input.slot, &serving, ahead, end: end, afterFork: input.started)
    }

    /// `isOver` looks whether it has ended already: then nothing has to be set up to watch it.
    private func waitForEnd(_ input: ForkedInput, _ serving: inout Serving, isOver: Bool) -> ChildEnd {
        guard isOver else { return watch(input.child, &serving) }
        serving.output.drain(
            into: serving.file.output(input.sequence), limit: Int(serving.file.settings.output_limit_bytes))
        return .itself
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
    private func publish(_ input: ForkedInput, _ serving: Serving, _ ahead: ForkAhead?, since: UInt64?) {
        if input.child > 0 {
            collectCounters(input.sequence, input.slot, serving, at: ahead?.sets.memory(of: input.set))
            if let since { input.slot.pointee.reap_nanoseconds &+= monotonicNanoseconds() &- since }
        }
        serving.file.publishVerdict(input.sequence, controlSocket: controlSocket)
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
                } else if live.pointee.has_completed == 0 {
                    FUZZD_OUTCOME_EXITED
                } else if live.pointee.harness_result != 0 {
                    FUZZD_OUTCOME_REJECTED
                } else {
                    FUZZD_OUTCOME_PASSED
                }
            }
        slot.pointee.outcome = UInt32(outcome.rawValue)
    }
}
