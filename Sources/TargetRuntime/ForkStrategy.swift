import CForkServerABI
import CTargetRuntime

// Strategy `fork`: a fresh child for each input, forked when the input is there, or ahead, while the child before it runs.
extension ForkServer {
    func serveByFork(_ serving: inout Serving) -> Never {
        // On the stack: this process writes there between two forks anyway.
        var gateOfChild: UnsafeMutablePointer<fuzzd_gate>?
        withUnsafeMutablePointer(to: &gateOfChild) { serveByFork(&serving, $0) }
    }

    private func serveByFork(_ serving: inout Serving, _ gateOfChild: ForkAhead.GateCell) -> Never {
        fuzzd_place_stacks()
        fuzzd_prepare_lean_fork()
        var sequence = serving.file.verdictsPublished
        fuzzd_begin_faults_if_wanted(FUZZD_FAULTS_AHEAD_START)
        var ahead = ForkAhead(serving, gateOfChild)
        fuzzd_end_faults_if_wanted(FUZZD_FAULTS_AHEAD_START)
        // What was set for serving stays, where it lies on a page of counters.
        serving.coverage.pages.rememberNeighbours()
        var pages: PagesAhead?
        keepFromChildren(serving)
        let choice = ForkAheadChoice(serving.file.settings, ahead, workers: handover.workerCount, worker: workerIndex)
        var placement = Placement(ahead: choice)
        var last: ForkedInput?
        var hasPassed = true
        while true {
            let slot = serving.file.slot(sequence)
            // Before a child that waits is let go nothing is done that can be done while it runs.
            let isAtOnce = ahead?.waiting != nil && serving.file.hasInput(sequence) && !serving.file.isStopRequested
            if let ended = last, !isAtOnce {
                publish(ended, serving, ahead, since: monotonicNanoseconds())
                last = nil
            }
            slot.pointee.wait_nanoseconds = waitForInput(sequence, serving) { answer($0) }
            if fuzzd_slot_load_is_withdrawn(slot) != 0 || (slot.pointee.needs_pass != 0 && !hasPassed) {
                if let ended = last { publish(ended, serving, ahead, since: monotonicNanoseconds()) }
                last = nil
                leaveOut(sequence, slot, serving)
                sequence &+= 1
                continue
            }
            fuzzd_begin_faults_if_wanted(FUZZD_FAULTS_AHEAD)
            var input = start(sequence, slot, &serving, &ahead)
            if let ended = last { publish(ended, serving, ahead, since: nil) }
            if placement.forksAhead, input.child > 0 { forkNext(besides: input, serving, &ahead, &pages) }
            end(&input, &serving, &ahead, sharesProcessor: placement.isOnOne)
            if input.isSample { pages?.endSample() }
            if placement.forksAhead, pages == nil, ahead?.takesPages() == true { pages = PagesAhead() }
            fuzzd_end_faults_if_wanted(FUZZD_FAULTS_AHEAD)
            placement.endInput(
                nanoseconds: slot.pointee.fork_nanoseconds &+ slot.pointee.child_nanoseconds
                    &+ slot.pointee.reap_nanoseconds)
            hasPassed = slot.pointee.outcome <= FUZZD_OUTCOME_REJECTED.rawValue
            last = input
            sequence &+= 1
        }
    }

    /// Memory that only the machine parent needs costs its children a mapping each. Siblings are forked by then.
    private func keepFromChildren(_ serving: Serving) {
        handover.keepFromChildren()
        serving.output.keepFromChildren()
        serving.coverage.pages.keepFromChildren()
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
}
