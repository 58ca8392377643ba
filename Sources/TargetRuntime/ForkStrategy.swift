import CForkServerABI
import CTargetRuntime

// Strategy `fork`: a fresh child for each input, forked when the input is there, or ahead, while the child before it runs.
extension ForkServer {
    func serveByFork(_ serving: inout Serving) -> Never {
        var state = (server: self, loop: ForkLoop(self, serving))
        withUnsafeMutablePointer(to: &state) {
            fuzzd_run_at_page(
                {
                    guard let state = $0?.assumingMemoryBound(to: (server: ForkServer, loop: ForkLoop).self) else { return }
                    Self.serve(state.pointee.server, state.pointee.loop)
                }, $0)
        }
        fuzzd_end_child()
    }

    private static func serve(_ server: ForkServer, _ prepared: ForkLoop) {
        var loop = prepared
        var next = fuzzd_next_child()
        withUnsafeMutablePointer(to: &next) {
            loop.note(in: $0)
            fuzzd_place_stacks()
            while true { loop.runInput(server) }
        }
    }

    /// Memory that only the machine parent needs costs its children a mapping each. Siblings are forked by then.
    func keepFromChildren(_ serving: Serving) {
        handover.keepFromChildren()
        serving.output.keepFromChildren()
        serving.coverage.keepFromChildren(whoMutate: callbacks.changesInputs)
    }

    /// Answers the daemon's wish to know what a bare fork costs here.
    func answer(_ message: fuzzd_message) {
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
