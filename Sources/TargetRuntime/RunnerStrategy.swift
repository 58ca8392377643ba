import CForkServerABI
import CTargetRuntime

// Strategies `reboot` and `none`: one long-lived child, the runner, takes input after input and publishes their
// verdicts itself; the machine parent only watches it and replaces it when it dies.
extension ForkServer {
    /// With `initializes` every runner makes its own machine, whose threads it then has; this process never does.
    func serveByRunner(_ serving: inout Serving, initializes: Bool) -> Never {
        var isFirst = true
        var failedStarts = 0
        while true {
            let first = serving.file.verdictsPublished
            fuzzd_live_store_sequence(serving.file.live, first)
            fuzzd_live_store_input_started_nanoseconds(serving.file.live, 0)
            serving.output.beginInput()
            let current = serving
            let isSnapshot = serving.file.isSnapshot
            let runner = forkChild {
                if initializes { initializeRunner(current, isFirst: isFirst) }
                if isSnapshot { becomeSnapshotRunner(from: first, current) }
                runInputs(from: first, current)
            }
            let afterFork = monotonicNanoseconds()
            guard runner > 0 else { _exit(1) }
            let end = watch(runner, &serving)
            let sequence = serving.file.verdictsPublished
            // Between two inputs a runner ends by its own wish or from outside: no input is to blame.
            let wasRunning = fuzzd_live_load_input_started_nanoseconds(serving.file.live) != 0
            let slot = serving.file.slot(sequence)
            let status = reap(runner, slot, &serving, end: end, afterFork: afterFork)
            collectCounters(fuzzd_live_load_sequence(serving.file.live), slot, serving)
            if initializes, serving.file.live.pointee.phase != FUZZD_PHASE_SERVING.rawValue { endLike(status) }
            if serving.file.isStopRequested { stop(serving.file) }
            failedStarts = sequence == first && !wasRunning ? failedStarts + 1 : 0
            if isSnapshot, !wasRunning {
                guard failedStarts < Snapshot.mostFailedStarts else { serveByForkInstead(&serving) }
                noteEndBetweenInputs(status, serving.file)
            }
            if wasRunning, serving.file.hasInput(sequence) {
                runLeftToFork(sequence, slot, &serving)
                serving.file.publishVerdict(sequence, controlSocket: controlSocket)
            }
            if initializes {
                isFirst = false
                serving.file.live.pointee.phase = FUZZD_PHASE_INITIALIZING.rawValue
                _ = try? serving.output.redirect()
            }
        }
    }

    /// A snapshot could be taken when this process looked, and cannot be any more: memory, most likely.
    private func serveByForkInstead(_ serving: inout Serving) -> Never {
        Snapshot.fallBack(serving.file)
        var server = self
        server.threads = nil
        server.serveByFork(&serving)
    }

    /// A runner that replaces itself has counted that already.
    private func noteEndBetweenInputs(_ status: Int32, _ file: WorkerFile) {
        let isKilled = fuzzd_status_signal(status) != 0
        guard isKilled || fuzzd_status_exit_code(status) == SnapshotRunner.ExitCode.refused else { return }
        file.header.pointee.runners_replaced &+= 1
        file.header.pointee.replaced_for_changes |= UInt64(
            isKilled ? FUZZD_CHANGE_ENDED.rawValue : FUZZD_CHANGE_REFUSED.rawValue)
    }

    /// Prepares what runners need before there is one: a module that registers later than now is a late one.
    mutating func startSupervising(_ mapped: WorkerFile) throws(RuntimeError) {
        let coverage = try Coverage.survey(mapped.settings)
        let file = try WorkerFile.grow(
            mapped, counterPageBytes: coverage.pages.bytes, counterCount: coverage.edgeCount)
        let modules = try ModulesFile.create(
            descriptor: handover.modulesFile, coverage: coverage, callbacks: callbacks)
        try forkSiblings(file: file, coverage: coverage, modules: modules)
    }

    /// In a runner: makes the machine. The first one of each worker says hello for its machine parent.
    private func initializeRunner(_ serving: Serving, isFirst: Bool) {
        do throws(RuntimeError) {
            initialize(serving.file)
            try installHandlers(serving.file.settings)
            if isFirst, workerIndex == 0 { ModulesFile.describeProcess(serving.modules) }
            try serving.output.redirect()
            try setLimits(serving.file.settings)
            serving.coverage.clear()
            if isFirst { sayHello(nil, processID: getppid()) }
        } catch {
            if isFirst { sayHello(error, processID: getppid()) }
            _exit(1)
        }
    }

    /// A machine that cannot be made ends its machine parent in the same way, for the daemon to see.
    private func endLike(_ status: Int32) -> Never {
        let signal = fuzzd_status_signal(status)
        if signal != 0 {
            _ = fuzzd_restore_default(signal)
            raise(signal)
        }
        _exit(max(1, fuzzd_status_exit_code(status)))
    }

    /// The runner's loop. Never returns: ends when the daemon hangs up or an input ends the process.
    private func runInputs(from first: UInt64, _ serving: Serving) {
        let file = serving.file
        let live = file.live
        let isRebooted = file.settings.strategy == UInt32(FUZZD_STRATEGY_REBOOT.rawValue)
        var sequence = first
        // A reboot is a conversation of the target's threads; one alone has nothing to gain.
        var placement = ThreadList.count > 0 ? Placement() : nil
        while true {
            let waited = waitForInput(sequence, file) { _ in }
            guard file.hasInput(sequence) else { continue }
            let slot = file.slot(sequence)
            slot.pointee.wait_nanoseconds = waited
            beginInput(sequence, slot, live)
            let start = monotonicNanoseconds()
            fuzzd_live_store_input_started_nanoseconds(live, start)
            withUnsafePointer(to: serving) { runInput(InputRequest(sequence, slot, file), $0) }
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
            if placement?.endInput(nanoseconds: ended &- start) == true {
                ThreadList.forEach { fuzzd_use_chosen_processors($0) }
            }
        }
    }

    func finish(
        _ slot: UnsafeMutablePointer<fuzzd_slot>, _ live: UnsafeMutablePointer<fuzzd_live>, nanoseconds: UInt64
    ) {
        var outcome = live.pointee.harness_result == 0 ? FUZZD_OUTCOME_PASSED : FUZZD_OUTCOME_REJECTED
        if live.pointee.child_outcome != 0 { outcome = fuzzd_outcome(rawValue: live.pointee.child_outcome) }
        concludeWithoutEnd(slot, outcome)
        slot.pointee.fork_nanoseconds = 0
        slot.pointee.child_nanoseconds = nanoseconds
        slot.pointee.reap_nanoseconds = 0
        slot.pointee.peak_resident_kibibytes = 0
        slot.pointee.comparison_count = live.pointee.comparison_count
        slot.pointee.word_comparison_count = live.pointee.word_comparison_count
    }
}
