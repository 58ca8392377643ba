import CForkServerABI
import CTargetRuntime

/// Strategy `snapshot`: a runner that is put back, byte for byte, after each input.
///
/// Its loop runs on a stack of its own, the inputs on the target's: all of the target's memory can be put back under it.
/// Lives in untracked memory; owned by the runner.
struct SnapshotRunner {
    let server: ForkServer
    let serving: ForkServer.Serving
    let runnerID: pid_t
    var sequence: UInt64
    /// Where the target's stack ended when its frames were left; inputs run below.
    var targetStack: UInt64 = 0
    var changes: UnsafeMutablePointer<fuzzd_process_changes>
    let regions: UnsafeMutablePointer<fuzzd_page_region>
    let stack: LoopStack
    var threads: RevivedThreads?
    var verifier: ResetVerifier?
    var placement: Placement?
    /// The input that is to run next on the target's stack.
    var request: InputRequest?
    /// What the harness's own reboot left behind is told before the reset, which then waits for the next input.
    var auditor: RebootAuditor?
    /// What the reset after the last input took; the verdict of the next one carries it.
    var lastResetNanoseconds: UInt64 = 0

    private static var threadEndNanoseconds: Int64 { 200_000_000 }

    /// Exit codes of a runner that ends itself; the machine parent starts another.
    enum ExitCode {
        /// An input changed what cannot be undone.
        static var replaced: Int32 { 0 }
        /// The snapshot could not be taken.
        static var refused: Int32 { 82 }
    }

    /// Takes the snapshot and serves until the daemon hangs up. Runs on the loop stack.
    mutating func run() -> Never {
        let started = monotonicNanoseconds()
        // The runtime's descriptors are above the target's limit, which holds in this process already.
        let descriptors = Int32(truncatingIfNeeded: fuzzd_limit_descriptors)
        let limit = UInt64(serving.file.settings.descriptor_limit)
        fuzzd_note_process_changes_in(changes)
        guard fuzzd_set_soft_limit(descriptors, UInt64(Descriptors.firstOwn) + 100) == 0, reviveThreads(),
            var memory = Snapshot.take(excluding: (stack.start, stack.end), pristine: server.pristine),
            startVerifying(), startAuditing(), limit == 0 || fuzzd_set_soft_limit(descriptors, limit) == 0, rememberMappings(),
            fuzzd_watch_process_changes() == 0
        else { _exit(ExitCode.refused) }
        fuzzd_end_faults()
        threads?.release()
        serving.file.header.pointee.resets.fault_log_refusal = UInt64(memory.faults.refusal)
        serving.file.header.pointee.resets.snapshots &+= 1
        serving.file.header.pointee.resets.snapshot_nanoseconds &+= monotonicNanoseconds() &- started
        while true {
            serveOne(&memory)
        }
    }

    /// Nobody else may run while memory is copied, and who is not known cannot be held still.
    private mutating func reviveThreads() -> Bool {
        if let parked = server.threads {
            threads = RevivedThreads.revive(parked)
            guard threads != nil else { return false }
            placement = Placement()
        } else if fuzzd_install_park_handler() != 0 {
            return false
        }
        guard ThreadList.count == threads?.count ?? 0 else {
            serving.file.header.pointee.replaced_for_changes |= UInt64(FUZZD_CHANGE_THREADS.rawValue)
            return false
        }
        return true
    }

    /// Notes what later resets are compared with, if any is to be.
    private mutating func startVerifying() -> Bool {
        let every = serving.file.settings.verifies_reset_every
        guard every != 0 else { return true }
        verifier = ResetVerifier(every: every, regions: regions)
        return verifier != nil
    }

    private mutating func startAuditing() -> Bool {
        guard serving.file.settings.audits_reboot != 0 else { return true }
        auditor = RebootAuditor(file: serving.file, regions: regions)
        return auditor != nil
    }

    private mutating func serveOne(_ memory: inout TrackedMemory) {
        let file = serving.file
        let live = file.live
        let waited = server.waitForInput(sequence, file) { _ in }
        guard file.hasInput(sequence) else { return }
        if auditor?.isResetDue ?? false {
            auditor?.isResetDue = false
            reset(&memory, startedAt: monotonicNanoseconds())
        }
        threads?.noteWhoIsAtHome()
        let slot = file.slot(sequence)
        slot.pointee.wait_nanoseconds = waited
        server.beginInput(sequence, slot, live)
        request = InputRequest(sequence, slot, file)
        let start = monotonicNanoseconds()
        fuzzd_live_store_input_started_nanoseconds(live, start)
        runOnTargetStack()
        // A process that the input forked came back here in its parent's stead.
        guard getpid() == runnerID else { fuzzd_end_child() }
        let ended = monotonicNanoseconds()
        slot.pointee.operations = fuzzd_live_load_operations(live)
        slot.pointee.counter_count = UInt32(serving.coverage.collect(into: file.counterList(sequence)))
        serving.coverage.pages.restoreNeighbours()
        fuzzd_live_store_input_started_nanoseconds(live, 0)
        server.finish(slot, live, nanoseconds: ended &- start)
        slot.pointee.reap_nanoseconds = lastResetNanoseconds
        if auditor != nil, !audit(memory) { replace(UInt32(FUZZD_CHANGE_THREADS.rawValue)) }
        // Published before the reset: what the input left behind may still end this process.
        file.publishVerdict(sequence, controlSocket: server.controlSocket)
        sequence &+= 1
        guard auditor == nil else { return }
        let beforeReset = monotonicNanoseconds()
        reset(&memory, startedAt: beforeReset)
        let afterReset = monotonicNanoseconds()
        lastResetNanoseconds = afterReset &- beforeReset
        if placement?.endInput(nanoseconds: afterReset &- start) == true { threads?.followPlacement() }
    }

    /// Holds everybody still and writes down what the reboot left behind; false when a thread does not come.
    private mutating func audit(_ memory: TrackedMemory) -> Bool {
        if threads != nil { RebootAuditor.letThreadsSettle() }
        guard threads?.parkWhoMoved() ?? true else { return false }
        auditor?.write(memory, sequence: sequence)
        return true
    }

    /// Puts the process back, or ends it where that cannot be done.
    private mutating func reset(_ memory: inout TrackedMemory, startedAt start: UInt64) {
        var clock = ResetClock(start: start)
        var cost = TrackedMemory.Cost()
        fuzzd_begin_faults(FUZZD_FAULTS_RESET)
        guard endNewThreads(), threads?.parkWhoMoved() ?? true else { replace(UInt32(FUZZD_CHANGE_THREADS.rawValue)) }
        clock.endThreads()
        let kinds = fuzzd_undo_process_changes(changes)
        clock.endState()
        // A thread that the input started would run on while memory is put back under it.
        guard kinds == 0 else { replace(kinds) }
        guard memory.restore(regions, &cost) else { replace(UInt32(FUZZD_CHANGE_REFUSED.rawValue)) }
        fuzzd_end_faults()
        clock.endMemory()
        if let verifier, sequence % verifier.every == 0,
            !verifier.verify(memory, sequence: sequence &- 1, &serving.file.header.pointee.reset_checks)
        {
            replace(UInt32(FUZZD_CHANGE_DIFFERENCE.rawValue))
        }
        threads?.release()
        clock.add(to: &serving.file.header.pointee.resets, cost, parkedThreads: threads?.parkedCount ?? 0)
    }

    /// Those that the input started and that still run; they could wake others, which are parked afterwards.
    private func endNewThreads() -> Bool {
        changes.pointee.threads_started == 0 || fuzzd_end_new_threads(Self.threadEndNanoseconds) == 0
    }

    private func replace(_ kinds: UInt32) -> Never {
        serving.file.header.pointee.runners_replaced &+= 1
        serving.file.header.pointee.replaced_for_changes |= UInt64(kinds)
        _exit(ExitCode.replaced)
    }

    private mutating func runOnTargetStack() {
        let end = UnsafeMutableRawPointer(bitPattern: UInt(targetStack & ~15) - 256)
        var left: UInt64 = 0
        withUnsafeMutablePointer(to: &self) { runner in
            fuzzd_call_on_stack(
                end,
                { argument in
                    guard let runner = argument?.assumingMemoryBound(to: SnapshotRunner.self),
                        let request = runner.pointee.request
                    else { return }
                    withUnsafePointer(to: runner.pointee.serving) { runner.pointee.server.runInput(request, $0) }
                    if runner.pointee.auditor != nil { runner.pointee.server.callbacks.resetMachine?() }
                }, runner, &left)
        }
    }
}

extension ForkServer {
    /// In a fresh child: becomes a snapshot runner. Never returns.
    func becomeSnapshotRunner(from first: UInt64, _ serving: Serving) {
        fuzzd_begin_faults(FUZZD_FAULTS_SNAPSHOT)
        guard let stack = LoopStack.map(),
            let changes = mapUntracked(bytes: MemoryLayout<fuzzd_process_changes>.size),
            let regions = mapUntracked(bytes: PageMap.regionCapacity * MemoryLayout<fuzzd_page_region>.stride),
            let memory = mapUntracked(bytes: MemoryLayout<SnapshotRunner>.size),
            let end = UnsafeMutableRawPointer(bitPattern: stack.end)
        else { _exit(SnapshotRunner.ExitCode.refused) }
        let runner = memory.assumingMemoryBound(to: SnapshotRunner.self)
        runner.initialize(
            to: SnapshotRunner(
                server: self, serving: serving, runnerID: getpid(), sequence: first,
                changes: changes.assumingMemoryBound(to: fuzzd_process_changes.self),
                regions: regions.assumingMemoryBound(to: fuzzd_page_region.self), stack: stack))
        fuzzd_call_on_stack(
            end, { $0?.assumingMemoryBound(to: SnapshotRunner.self).pointee.run() }, runner,
            &runner.pointee.targetStack)
    }
}
