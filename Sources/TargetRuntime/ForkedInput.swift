import CForkServerABI
import CTargetRuntime

// The child of one input under `fork`: forked for it, or let go where it was forked ahead; waited for, and replaced if it was ended
// before it had its input.
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

    /// Lets the waiting child have the input, or forks one.
    func start(
        _ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ serving: inout Serving, _ ahead: inout ForkAhead?
    ) -> ForkedInput {
        beginInput(sequence, slot, serving.file.live)
        serving.output.beginInput()
        guard let waiting = ahead?.take(), let gate = ahead?.gate(waiting.set) else {
            return forkNow(sequence, slot, &serving, set: ahead?.prepareAtOnce() ?? 0)
        }
        let now = monotonicNanoseconds()
        fuzzd_live_store_input_started_nanoseconds(serving.file.live, now)
        fuzzd_live_store_child_process_id(serving.file.live, waiting.process)
        // One that cannot be woken is replaced when it has ended.
        if fuzzd_open_gate(gate) == 0 { kill(waiting.process, SIGKILL) }
        serving.file.header.pointee.inputs_of_children_ahead &+= 1
        let opened = monotonicNanoseconds()
        slot.pointee.fork_nanoseconds = opened &- now
        return ForkedInput(
            sequence: sequence, slot: slot, child: waiting.process, set: waiting.set, isSample: waiting.isSample,
            isReleased: true, started: opened)
    }

    private func forkNow(
        _ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ serving: inout Serving, set: Int
    ) -> ForkedInput {
        let live = serving.file.live
        let request = InputRequest(sequence, slot, serving.file)
        let beforeFork = monotonicNanoseconds()
        fuzzd_live_store_input_started_nanoseconds(live, beforeFork)
        let child = forkChild {
            withUnsafePointer(to: &serving) { runInput(request, $0) }
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

    /// Forks the child of the next input that is run behind `running`. Without one (no memory, no processes) that input's child is
    /// forked when its turn comes, and counts where the kernel left the counters.
    func forkNext(
        besides running: ForkedInput, _ serving: inout Serving, _ ahead: inout ForkAhead?, _ pages: inout PagesAhead?
    ) {
        guard ahead?.waiting == nil, ahead?.prepare(besides: running.set) == true, let set = ahead?.sets.current,
            let gate = ahead?.gate(set)
        else { return }
        // There is one sample at a time, and time for pages only behind an input that is not over at once.
        let current = ahead?.expectsShort == true || running.isSample ? nil : pages
        let isSample = current != nil && pages?.beginChild() == true
        let beforeFork = monotonicNanoseconds()
        let child = forkChild {
            fuzzd_begin_faults_if_wanted(FUZZD_FAULTS_WAITING)
            current?.beginInput(isSample: isSample, gate)
            fuzzd_wait_at_gate(gate)
            fuzzd_end_faults_if_wanted(FUZZD_FAULTS_WAITING)
            // Which one it is was not known before: inputs may be withdrawn.
            let sequence = fuzzd_live_load_sequence(serving.file.live)
            let slot = serving.file.slot(sequence)
            // Of the inputs before, and of what they asked for, this copy of the machine parent knows nothing.
            fuzzd_shorten_stacks(slot.pointee.shortens_stacks != 0 ? 1 : 0)
            let request = InputRequest(sequence, slot, serving.file)
            withUnsafePointer(to: &serving) { runInput(request, $0) }
        }
        if child > 0 { ahead?.keep(child, isSample: isSample, forkNanoseconds: monotonicNanoseconds() &- beforeFork) }
    }

    /// Waits for the end of the input's child, and fills the verdict in but for the counters.
    func end(
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

    /// A waiting child was ended from outside before it took its input: another one does.
    private func runAgain(_ input: inout ForkedInput, _ serving: inout Serving, _ ahead: inout ForkAhead?) {
        collectCounters(input.sequence, input.slot, serving, at: ahead?.sets.memory(of: input.set))
        beginInput(input.sequence, input.slot, serving.file.live)
        serving.output.beginInput()
        // The other set is that of the child which waits by now. Where this one cannot be had, that child makes room.
        if ahead?.use(input.set) == false, let waiting = ahead?.take() {
            kill(waiting.process, SIGKILL)
            while waitpid(waiting.process, nil, 0) < 0, fuzzd_errno() == EINTR {}
            collectCounters(input.sequence, input.slot, serving, at: ahead?.sets.memory(of: waiting.set))
        }
        input = forkNow(input.sequence, input.slot, &serving, set: ahead?.prepareAtOnce() ?? 0)
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
}
