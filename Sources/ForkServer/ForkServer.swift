import CForkServerABI
import Fuzzing
import Glibc

/// A running target: its workers, their shared memory, and the way inputs go in and verdicts come out.
///
/// Owned by one thread of the daemon, which must live as long as the target (the kernel ends an initialising target
/// with the thread that spawned it). Never forks.
package final class ForkServer {
    package let configuration: TargetConfiguration
    package private(set) var modules: ModuleTable?
    /// What the target printed before it served: QEMU lists the memory regions it matched there.
    package private(set) var initialOutput: [UInt8] = []
    /// With which it exited instead of serving; `nil` where it did not.
    package private(set) var initializationExitStatus: Int32?
    /// Why inputs run under `fork` although `snapshot` was asked for: errno; `nil` otherwise.
    package private(set) var snapshotRefusal: Int32?
    private(set) var workers: [Worker] = []
    private var process: pid_t = 0
    private var diedOfEmptyInput = false
    /// The workers were killed, and their ends not waited for.
    private var isEnding = false
    /// Seconds that a machine parent gets to write its source coverage.
    private static let profileSeconds = 10.0
    private static let initialOutputLimit = 1 << 20

    package init(configuration: TargetConfiguration) {
        precondition((1...Int(FUZZD_MAX_SLOTS)).contains(configuration.slotsPerWorker), "slots out of range")
        precondition((1...Int(FUZZD_MAX_WORKERS)).contains(configuration.workers), "workers out of range")
        self.configuration = configuration
    }

    deinit { stop() }

    package var processID: Int32 { process }

    package var workerCount: Int { workers.count }

    /// Spawns the target and waits until every worker's machine parent serves.
    ///
    /// A target that dies of the empty input, which is run once before serving, is started again without it: that input
    /// is a finding like any other, and the campaign runs it too.
    ///
    /// - Parameter meanwhile: is called once, while the target initialises: for what would make inputs wait later.
    package func start(meanwhile: () -> Void = {}) throws(ForkServerError) {
        let endOfInput = try endOfInputAddress()
        do throws(ForkServerError) {
            try start(endOfInput: endOfInput, skipsEmptyInput: false, meanwhile)
        } catch {
            guard error.step == .initialize, diedOfEmptyInput else { throw error }
            try start(endOfInput: endOfInput, skipsEmptyInput: true) {}
        }
    }

    private func endOfInputAddress() throws(ForkServerError) -> UInt64 {
        // An audit is about what that function does.
        guard let name = configuration.endsInputAt, !configuration.auditsReboot else { return 0 }
        guard let address = ElfSymbols(path: configuration.program).address(ofFunction: name) else {
            throw ForkServerError(
                .endOfInput, program: configuration.program,
                cause: "has no function named \(name), at which inputs shall end; name one that its symbol table has")
        }
        return address
    }

    private func start(endOfInput: UInt64, skipsEmptyInput: Bool, _ meanwhile: () -> Void) throws(ForkServerError) {
        let modulesFile = try SharedFile(
            name: "fuzzd-modules", bytes: Int(FUZZD_PAGE_BYTES), program: configuration.program)
        for index in 0..<configuration.workers {
            let worker = try Worker(index: index, configuration: configuration)
            worker.header.pointee.settings.end_of_input_symbol = endOfInput
            worker.header.pointee.settings.skips_empty_input = skipsEmptyInput ? 1 : 0
            workers.append(worker)
        }
        diedOfEmptyInput = false
        var pipeEnds: [Int32] = [-1, -1]
        guard pipe(&pipeEnds) == 0 else {
            throw ForkServerError(
                .createSharedMemory, program: configuration.program, errorNumber: errno, cause: "cannot make a pipe")
        }
        _ = fcntl(pipeEnds[0], F_SETFD, FD_CLOEXEC)
        _ = fcntl(pipeEnds[1], F_SETFD, FD_CLOEXEC)
        _ = fcntl(pipeEnds[0], F_SETFL, O_NONBLOCK)
        defer { close(pipeEnds[0]) }
        do {
            defer {
                close(pipeEnds[1])
                workers.forEach { close($0.targetSocket) }
            }
            process = try Launcher(configuration: configuration)
                .spawn(workers: workers, modules: modulesFile, output: pipeEnds[1])
        }
        meanwhile()
        var startup = Startup(configuration: configuration, workers: workers, output: pipeEnds[0], process: process)
        do throws(ForkServerError) {
            try startup.waitForHellos(limit: Self.initialOutputLimit)
        } catch {
            initialOutput = startup.printed
            initializationExitStatus = error.exitStatus
            diedOfEmptyInput = workers.first?.phase == FUZZD_PHASE_EMPTY_INPUT.rawValue
            stop()
            throw error
        }
        initialOutput = startup.printed
        snapshotRefusal = startup.snapshotRefusal
        try modulesFile.remap(program: configuration.program)
        modules = ModuleTable(modulesFile)
        for worker in workers { try worker.file.remap(program: configuration.program) }
    }

    package func hasRoom(worker: Int) -> Bool { workers[worker].hasRoom }
    package func inFlight(worker: Int) -> Int { workers[worker].inFlight }

    /// The process that runs a worker's input now, and when that began (`CLOCK_MONOTONIC`); `nil` between inputs.
    package func runningInput(worker: Int) -> (process: Int32, startedNanoseconds: UInt64)? {
        guard let live = fuzzd_worker_header_live(workers[worker].header) else { return nil }
        let process = fuzzd_live_load_child_process_id(live)
        let started = fuzzd_live_load_input_started_nanoseconds(live)
        return process > 0 && started > 0 ? (process, started) : nil
    }

    @discardableResult
    package func submit(_ request: ExecutionRequest, to worker: Int) -> ExecutionSequence {
        workers[worker].submit(request)
    }

    /// Says that nobody wants to know any more what comes of an input under way. Where its turn has not come yet it does not run under
    /// `fork`, and its verdict says so (`Verdict.isWithdrawn`); otherwise, and under the other strategies, it has a verdict like any.
    package func withdraw(_ sequence: ExecutionSequence, of worker: Int) { workers[worker].withdraw(sequence) }

    /// Hands the oldest verdict of a worker to `body`, with buffers into shared memory that are valid during the
    /// call only; false when there is none yet.
    package func takeVerdict(
        worker index: Int,
        _ body: (
            _ sequence: ExecutionSequence, _ verdict: Verdict, _ counters: UnsafeBufferPointer<UInt32>,
            _ comparisons: [Comparison], _ executedInput: UnsafeBufferPointer<UInt8>
        ) -> Void
    ) -> Bool {
        let worker = workers[index]
        guard worker.hasVerdict else { return false }
        let sequence = worker.oldestSequence
        let slot = worker.oldestSlot
        let counters = UnsafeBufferPointer(
            start: worker.counterList(sequence), count: Int(slot.pointee.counter_count))
        let input = UnsafeBufferPointer(
            start: UnsafePointer(worker.input(sequence)), count: Int(slot.pointee.input_bytes))
        body(sequence, Verdict(slot, worker.output(sequence)), counters, comparisons(slot), input)
        worker.release()
        return true
    }

    private func comparisons(_ slot: UnsafeMutablePointer<fuzzd_slot>) -> [Comparison] {
        guard slot.pointee.collects_comparisons != 0, slot.pointee.comparison_count > 0,
            let table = fuzzd_slot_comparisons(slot)
        else { return [] }
        return (0..<Int(FUZZD_MAX_COMPARISONS)).compactMap { index in
            let entry = table[index]
            guard entry.size_bytes != 0 else { return nil }
            return Comparison(sizeBytes: UInt8(entry.size_bytes), left: entry.left, right: entry.right)
        }
    }

    /// Sleeps until a worker has verdicts, at most `timeoutMilliseconds`. Throws when a machine parent is gone.
    package func wait(timeoutMilliseconds: Int32) throws(ForkServerError) {
        workers.forEach { $0.prepareToSleep() }
        defer { workers.forEach { $0.wakeUp() } }
        if workers.contains(where: { $0.hasVerdict && $0.inFlight > 0 && isDue($0) }) { return }
        var polled = workers.map { pollfd(fd: $0.controlSocket, events: Int16(POLLIN), revents: 0) }
        guard poll(&polled, UInt(polled.count), timeoutMilliseconds) > 0 else { return }
        for (index, entry) in polled.enumerated() where entry.revents != 0 {
            var message = fuzzd_message()
            let received = recv(entry.fd, &message, MemoryLayout<fuzzd_message>.size, Int32(truncatingIfNeeded: MSG_DONTWAIT))
            if received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR) {
                throw lost(worker: index)
            }
        }
    }

    /// The target may have published between the look at its number and the wish to be woken.
    private func isDue(_ worker: Worker) -> Bool {
        let header = worker.header
        let wakesAt = fuzzd_worker_header_load_daemon_wakes_at(header)
        return wakesAt == 0 || fuzzd_worker_header_load_verdicts_published(header) >= wakesAt
    }

    private func lost(worker: Int) -> ForkServerError {
        ForkServerError(
            .parentLost, program: configuration.program,
            cause: "the machine parent of worker \(worker) is gone"
                + describeEnd(process).map { " (\($0))" }.joined())
    }

    /// Resident memory of the machine parents, children not included.
    package var processIDs: [Int32] { workers.map(\.machineParent).filter { $0 > 0 } }

    /// Has each machine parent write its source coverage and end, one after the other: they add to the same file.
    private func writeProfiles() {
        for worker in workers where worker.machineParent > 0 {
            worker.requestStop()
            let deadline = monotonicSeconds() + Self.profileSeconds
            while monotonicSeconds() < deadline {
                var polled = pollfd(fd: worker.controlSocket, events: Int16(POLLIN), revents: 0)
                _ = poll(&polled, 1, 100)
                var message = fuzzd_message()
                let received = recv(
                    worker.controlSocket, &message, MemoryLayout<fuzzd_message>.size, Int32(truncatingIfNeeded: MSG_DONTWAIT))
                if received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR) { break }
            }
        }
    }

    /// Has the target end while the caller does something else before it calls `stop`. No input may be run any more.
    package func beginStop() {
        guard configuration.profilePath == nil, !isEnding else { return }
        killWorkers()
        isEnding = true
    }

    /// Ends the target and everything below it.
    package func stop() {
        if configuration.profilePath != nil { writeProfiles() }
        // A second time their numbers may be somebody else's.
        if !isEnding { killWorkers() }
        isEnding = false
        // Hanging up the control sockets ends what is left.
        workers = []
        // Not if it was reaped already: its number may be somebody else's by now.
        if process > 0, waitpid(process, nil, WNOHANG) == 0 {
            kill(process, SIGKILL)
            while waitpid(process, nil, 0) < 0, errno == EINTR {}
        }
        process = 0
    }

    private func killWorkers() {
        for worker in workers {
            let child = fuzzd_live_load_child_process_id(fuzzd_worker_header_live(worker.header))
            if child > 0 { kill(-child, SIGKILL) }
            if worker.machineParent > 0 { kill(worker.machineParent, SIGKILL) }
            if child > 0 { kill(-child, SIGKILL) }
        }
    }
}

/// How a process of ours ended, if it has: "exit status 3", "signal 11". Reaps it.
func describeEnd(_ process: pid_t) -> [String] {
    var status: Int32 = 0
    guard process > 0, waitpid(process, &status, WNOHANG) == process else { return [] }
    let signal = status & 0x7F
    return [signal == 0 ? "exit status \((status >> 8) & 0xFF)" : "signal \(signal)"]
}
