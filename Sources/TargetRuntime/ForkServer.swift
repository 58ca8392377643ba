import CForkServerABI
import CTargetRuntime

/// The machine parent of one worker: sets the process up once, then makes a child for each input.
///
/// Startup: map the worker file, run one empty input, remap the counters, write the modules file, redirect output,
/// set limits, compact memory, fork the siblings, say hello. Loop: take an input, fork (or wake the runner),
/// watch, reap, collect, publish. Exit: when the control socket hangs up.
struct ForkServer {
    let handover: Handover
    let callbacks: TargetCallbacks
    var workerIndex = 0
    var controlSocket: Int32
    var state: Serving?

    /// What exists once the startup is through.
    struct Serving {
        var file: WorkerFile
        var coverage: Coverage
        var output: ChildOutput
    }

    init(handover: Handover, callbacks: TargetCallbacks) {
        self.handover = handover
        self.callbacks = callbacks
        controlSocket = handover.controlSocket(ofWorker: 0)
    }

    mutating func run() -> Never {
        do throws(RuntimeError) {
            try startFirstWorker()
        } catch {
            sayHello(error)
            _exit(1)
        }
        guard var serving = state else { _exit(1) }
        sayHello(nil)
        switch serving.file.settings.strategy {
        case UInt32(FUZZD_STRATEGY_FORK.rawValue): serveByFork(&serving)
        default: serveByRunner(&serving)
        }
    }

    private mutating func startFirstWorker() throws(RuntimeError) {
        guard handover.abiVersion == FUZZD_ABI_VERSION else {
            throw RuntimeError(status: FUZZD_HELLO_ABI_MISMATCH, step: FUZZD_STEP_NONE, detail: FUZZD_ABI_VERSION)
        }
        var file = try WorkerFile.map(descriptor: handover.workerFile(ofWorker: 0))
        callbacks.initialize?()
        let coverage = try Coverage.survey()
        // Harnesses initialise lazily; what they do at the first input belongs to the parent.
        _ = callbacks.testOneInput(nil, 0)
        file = try WorkerFile.grow(file, counterPageBytes: coverage.pageBytes, counterCount: coverage.counterCount)
        try ModulesFile.write(descriptor: handover.modulesFile, coverage: coverage)
        let crashHandler = fuzzd_install_crash_handler()
        guard crashHandler == 0 else { throw .failed(FUZZD_STEP_LIMITS, errno: crashHandler) }
        if file.settings.compacts_parent_memory != 0 { _ = try ParentMemory.compact() }
        _ = fuzzd_set_subreaper(1)
        for index in 1..<max(handover.workerCount, 1) where forkSibling() {
            try becomeWorker(index, coverage: coverage)
            return
        }
        try settle(file: file, coverage: coverage)
    }

    /// Turns this process, a fresh copy of worker 0's machine parent, into that of worker `index`.
    mutating func becomeWorker(_ index: Int, coverage: Coverage) throws(RuntimeError) {
        workerIndex = index
        controlSocket = handover.controlSocket(ofWorker: index)
        _ = fuzzd_set_subreaper(1)
        var file = try WorkerFile.map(descriptor: handover.workerFile(ofWorker: index))
        if file.header.pointee.counters_offset == 0 {
            file = try WorkerFile.grow(
                file, counterPageBytes: coverage.pageBytes, counterCount: coverage.counterCount)
        }
        try settle(file: file, coverage: coverage)
    }

    private mutating func settle(file: WorkerFile, coverage: Coverage) throws(RuntimeError) {
        // A sibling that held this worker's socket open would hide its death from the daemon.
        for index in 0..<handover.workerCount where index != workerIndex {
            close(handover.controlSocket(ofWorker: index))
            close(handover.workerFile(ofWorker: index))
        }
        try coverage.remap(onto: file)
        let output = try ChildOutput()
        try setLimits(file.settings)
        currentLive = file.live
        fuzzd_set_crash_records(file.slot(0), file.settings.slot_count, file.live)
        _ = fuzzd_outlive_parent()
        coverage.rememberEdges()
        state = Serving(file: file, coverage: coverage, output: output)
    }

    /// Limits that children inherit, so that setting them costs an input nothing. Last of all: they hold for this
    /// process too, which is done with large files and new descriptors by then.
    private func setLimits(_ settings: fuzzd_settings) throws(RuntimeError) {
        guard fuzzd_set_soft_limit(Int32(truncatingIfNeeded: fuzzd_limit_core), 0) == 0,
            settings.file_size_limit_bytes == 0
                || fuzzd_set_soft_limit(
                    Int32(truncatingIfNeeded: fuzzd_limit_file_size), settings.file_size_limit_bytes) == 0,
            settings.descriptor_limit == 0
                || fuzzd_set_soft_limit(
                    Int32(truncatingIfNeeded: fuzzd_limit_descriptors), UInt64(settings.descriptor_limit)) == 0
        else { throw .failed(FUZZD_STEP_LIMITS, errno: fuzzd_errno()) }
    }

    private func sayHello(_ error: RuntimeError?) {
        var hello = fuzzd_hello(
            magic: FUZZD_ABI_MAGIC, abi_version: FUZZD_ABI_VERSION,
            status: (error?.status ?? FUZZD_HELLO_READY).rawValue,
            step: (error?.step ?? FUZZD_STEP_NONE).rawValue, detail: error?.detail ?? 0,
            process_id: getpid())
        _ = send(controlSocket, &hello, MemoryLayout<fuzzd_hello>.size, sendFlags)
    }

    /// Sleeps until input `sequence` is there; returns the nanoseconds it waited. Ends the process when the daemon is
    /// gone. `onMessage` handles what else the daemon says.
    func waitForInput(
        _ sequence: UInt64, _ serving: Serving, onMessage: (fuzzd_message) -> Void
    ) -> UInt64 {
        if serving.file.hasInput(sequence) { return 0 }
        let start = monotonicNanoseconds()
        while true {
            serving.file.setTargetWaits(true)
            if serving.file.hasInput(sequence) { break }
            var polled = pollfd(fd: controlSocket, events: Int16(POLLIN), revents: 0)
            _ = fuzzd_ppoll(&polled, 1, -1)
            var message = fuzzd_message()
            let received = recv(
                controlSocket, &message, MemoryLayout<fuzzd_message>.size,
                Int32(truncatingIfNeeded: fuzzd_receive_flags))
            if received == 0 || (received < 0 && fuzzd_errno() != EAGAIN && fuzzd_errno() != EINTR) {
                ProcessTree.endDescendants()
                _exit(0)
            }
            if received == MemoryLayout<fuzzd_message>.size { onMessage(message) }
        }
        serving.file.setTargetWaits(false)
        return monotonicNanoseconds() &- start
    }
}
