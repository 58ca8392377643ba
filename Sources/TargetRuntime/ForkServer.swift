import CForkServerABI
import CTargetRuntime

/// The machine parent of one worker: sets the process up once, then makes a child for each input.
///
/// Startup: map the worker file, initialise, run one empty input, write the modules file, compact memory, fork the siblings,
/// remap the counters, redirect output, set limits, say hello. Loop: take an input, fork (or wake the runner),
/// watch, reap, collect, publish. Exit: when the control socket hangs up, or the daemon asks for it.
struct ForkServer {
    let handover: Handover
    let callbacks: TargetCallbacks
    var workerIndex = 0
    var controlSocket: Int32
    var state: Serving?
    /// The target's threads, which runners start again; `nil` where there are none, and under other strategies.
    var threads: ParkedThreads?
    /// What runners of all workers put pages back from; `nil` where each copies them itself, and under other strategies.
    var pristine: PristinePages?
    /// Why there is no snapshot although the daemon asked for it; errno, or 0.
    var snapshotRefusal: Int32 = 0

    /// What exists once the startup is through.
    struct Serving {
        var file: WorkerFile
        var coverage: Coverage
        var output: ChildOutput
        var timer: WatchTimer
        var modules: UnsafeMutablePointer<fuzzd_modules_header>
    }

    init(handover: Handover, callbacks: TargetCallbacks) {
        self.handover = handover
        self.callbacks = callbacks
        controlSocket = handover.controlSocket(ofWorker: 0)
    }

    mutating func run() -> Never {
        fuzzd_trust_interceptors(0)
        fuzzd_silence_profile()
        do throws(RuntimeError) {
            guard handover.abiVersion == FUZZD_ABI_VERSION else {
                throw RuntimeError(status: FUZZD_HELLO_ABI_MISMATCH, step: FUZZD_STEP_NONE, detail: FUZZD_ABI_VERSION)
            }
            let file = try WorkerFile.map(descriptor: handover.workerFile(ofWorker: 0))
            if initializesInRunner(file) {
                try startSupervising(file)
            } else {
                try startFirstWorker(file)
            }
        } catch {
            sayHello(error)
            _exit(1)
        }
        guard var serving = state else { _exit(1) }
        if initializesInRunner(serving.file) { serveByRunner(&serving, initializes: true) }
        sayHello(nil)
        if serving.file.settings.strategy == UInt32(FUZZD_STRATEGY_FORK.rawValue) { serveByFork(&serving) }
        serveByRunner(&serving, initializes: false)
    }

    /// A harness that reboots itself may need threads of its own for that: each runner makes its machine then.
    private func initializesInRunner(_ file: WorkerFile) -> Bool {
        let strategy = file.settings.strategy
        return callbacks.initialize != nil
            && (strategy == UInt32(FUZZD_STRATEGY_REBOOT.rawValue) || strategy == UInt32(FUZZD_STRATEGY_NONE.rawValue))
    }

    private mutating func startFirstWorker(_ mapped: WorkerFile) throws(RuntimeError) {
        initialize(mapped)
        let coverage = try Coverage.survey(mapped.settings)
        let file = try WorkerFile.grow(
            mapped, counterPageBytes: coverage.pages.bytes, counterCount: coverage.edgeCount)
        let modules = try ModulesFile.create(
            descriptor: handover.modulesFile, coverage: coverage, callbacks: callbacks)
        modules.pointee.forked_mapping_count = UInt32(MemoryMap.giveBackToChildren())
        ModulesFile.describeProcess(modules)
        ThreadList.keepStacksReachable()
        try installHandlers(file.settings)
        snapshotRefusal = Snapshot.fallBackWhereRefused(file)
        if file.isSnapshot { threads = try ParkedThreads.park() }
        fuzzd_end_noting_allocations()
        freezeTime(file.settings)
        if file.settings.compacts_parent_memory != 0 {
            // A snapshot's runner looks at its pages one by one.
            let isFork = file.settings.strategy == UInt32(FUZZD_STRATEGY_FORK.rawValue)
            // First: what comes after it makes of large memory something else, which a copy would undo.
            if isFork { JoinedVariables.join() }
            _ = try ParentMemory.compact()
            if isFork {
                HugePages.collapse()
                HugePages.moveConstants()
                ConstantsFile.move()
                ParentMemory.forgetCleanPages()
            }
        }
        fuzzd_map_faults()
        if file.isSnapshot {
            fuzzd_begin_faults(FUZZD_FAULTS_PRISTINE)
            pristine = PristinePages.keep()
            fuzzd_end_faults()
        }
        try forkSiblings(file: file, coverage: coverage, modules: modules)
        try redirectAndLimit()
    }

    /// Initialises the harness, and runs the empty input once: harnesses initialise lazily, and what they do at the first
    /// input belongs to the parent.
    func initialize(_ file: WorkerFile) {
        let live = file.live
        fuzzd_trust_interceptors(1)
        callbacks.initialize?()
        if file.settings.skips_empty_input == 0 {
            live.pointee.phase = FUZZD_PHASE_EMPTY_INPUT.rawValue
            let empty = callbacks.copiesInput ? copy(file.input(0), 0) : nil
            _ = callbacks.testOneInput(UnsafePointer(empty), 0)
            if let empty { free(empty) }
        }
        fuzzd_trust_interceptors(0)
        live.pointee.phase = FUZZD_PHASE_SERVING.rawValue
    }

    func installHandlers(_ settings: fuzzd_settings) throws(RuntimeError) {
        let crashHandler = fuzzd_install_crash_handler(settings.unhandled_signals)
        guard crashHandler == 0 else { throw .failed(FUZZD_STEP_LIMITS, errno: crashHandler) }
        try EndOfInput.patch(symbol: settings.end_of_input_symbol, strategy: settings.strategy)
    }

    /// Forks the machine parents of the other workers; each of them, and this process, is ready to serve afterwards.
    mutating func forkSiblings(
        file: WorkerFile, coverage: Coverage, modules: UnsafeMutablePointer<fuzzd_modules_header>
    ) throws(RuntimeError) {
        _ = fuzzd_set_subreaper(1)
        fuzzd_take_child_signal()
        for index in 1..<max(handover.workerCount, 1) where forkSibling() {
            // Another worker's file is nobody's business here, and its place is this one's.
            fuzzd_unmap(file.base, Int(file.header.pointee.file_bytes))
            try becomeWorker(index, coverage: coverage, modules: modules)
            return
        }
        try settle(file: file, coverage: coverage, modules: modules)
    }

    /// Turns this process, a fresh copy of worker 0's machine parent, into that of worker `index`.
    private mutating func becomeWorker(
        _ index: Int, coverage: Coverage, modules: UnsafeMutablePointer<fuzzd_modules_header>
    ) throws(RuntimeError) {
        workerIndex = index
        controlSocket = handover.controlSocket(ofWorker: index)
        _ = fuzzd_set_subreaper(1)
        var file = try WorkerFile.map(descriptor: handover.workerFile(ofWorker: index))
        if file.header.pointee.counters_offset == 0 {
            file = try WorkerFile.grow(
                file, counterPageBytes: coverage.pages.bytes, counterCount: coverage.edgeCount)
        }
        try settle(file: file, coverage: coverage, modules: modules)
    }

    private mutating func settle(
        file: WorkerFile, coverage surveyed: Coverage, modules: UnsafeMutablePointer<fuzzd_modules_header>
    ) throws(RuntimeError) {
        // A sibling that held this worker's socket open would hide its death from the daemon.
        for index in 0..<handover.workerCount where index != workerIndex {
            close(handover.controlSocket(ofWorker: index))
            close(handover.workerFile(ofWorker: index))
        }
        var coverage = surveyed
        coverage.late = LateModules(header: modules)
        try coverage.remap(onto: file)
        let report = fuzzd_prepare_sanitizer(
            file.live, file.settings.malloc_limit_bytes, file.settings.detects_leaks == 0 ? 0 : 1)
        let output = try ChildOutput(report: report)
        file.header.pointee.parent_process_id = getpid()
        if !initializesInRunner(file) { file.live.pointee.phase = FUZZD_PHASE_SERVING.rawValue }
        currentLive = file.live
        fuzzd_set_live(file.live)
        fuzzd_set_crash_records(file.slot(0), file.settings.slot_count, file.live)
        _ = fuzzd_outlive_parent()
        coverage.pages.rememberNeighbours()
        if snapshotRefusal != 0 { Snapshot.fallBack(file) }
        if !initializesInRunner(file) { fuzzd_keep_files(workerIndex == 0 ? 0 : 1) }
        // Of the machine everything is known; a runner that makes it itself begins shortening with its first input.
        fuzzd_shorten_stacks(initializesInRunner(file) ? 0 : 1)
        state = Serving(
            file: file, coverage: coverage, output: output, timer: try WatchTimer(), modules: modules)
    }

    /// Last of all before serving: limits hold for this process too, and what it prints is an input's from here on.
    func redirectAndLimit() throws(RuntimeError) {
        guard let state else { return }
        try state.output.redirect()
        try setLimits(state.file.settings)
    }

    /// Limits that children inherit, so that setting them costs an input nothing. Last of all: they hold for this
    /// process too, which is done with large files and new descriptors by then.
    func setLimits(_ settings: fuzzd_settings) throws(RuntimeError) {
        guard fuzzd_set_soft_limit(Int32(truncatingIfNeeded: fuzzd_limit_core), 0) == 0,
            settings.file_size_limit_bytes == 0
                || fuzzd_set_soft_limit(
                    Int32(truncatingIfNeeded: fuzzd_limit_file_size), settings.file_size_limit_bytes) == 0,
            settings.descriptor_limit == 0
                || fuzzd_set_soft_limit(
                    Int32(truncatingIfNeeded: fuzzd_limit_descriptors), UInt64(settings.descriptor_limit)) == 0
        else { throw .failed(FUZZD_STEP_LIMITS, errno: fuzzd_errno()) }
    }

    func sayHello(_ error: RuntimeError?, processID: pid_t? = nil) {
        var hello = fuzzd_hello(
            magic: FUZZD_ABI_MAGIC, abi_version: FUZZD_ABI_VERSION,
            status: (error?.status ?? FUZZD_HELLO_READY).rawValue,
            step: (error?.step ?? (snapshotRefusal == 0 ? FUZZD_STEP_NONE : FUZZD_STEP_SNAPSHOT)).rawValue,
            detail: error?.detail ?? UInt32(bitPattern: snapshotRefusal),
            process_id: processID ?? getpid())
        _ = send(controlSocket, &hello, MemoryLayout<fuzzd_hello>.size, sendFlags)
    }

    /// Sleeps until input `sequence` is there; returns the nanoseconds it waited. Ends the process when the daemon is
    /// gone. `onMessage` handles what else the daemon says.
    func waitForInput(
        _ sequence: UInt64, _ file: WorkerFile, onMessage: (fuzzd_message) -> Void
    ) -> UInt64 {
        if file.isStopRequested { stop(file) }
        if file.hasInput(sequence) { return 0 }
        let start = monotonicNanoseconds()
        while true {
            file.setTargetWaits(true)
            if file.isStopRequested { stop(file) }
            if file.hasInput(sequence) { break }
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
        file.setTargetWaits(false)
        return monotonicNanoseconds() &- start
    }

    /// The daemon wants this worker to end: a machine parent writes the source coverage of all its children first, a runner
    /// leaves that to its machine parent.
    func stop(_ file: WorkerFile) -> Never {
        if getpid() == file.header.pointee.parent_process_id, file.settings.collects_profile != 0 {
            _ = fuzzd_write_profile(fuzzd_worker_profile_path(file.header))
        }
        ProcessTree.endDescendants()
        _exit(0)
    }
}
