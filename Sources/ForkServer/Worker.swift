import CForkServerABI
import Fuzzing
import Glibc

/// The daemon's end of one worker: its file, its control socket and how far the two sides are.
///
/// Owned by the campaign loop's thread. A slot is the daemon's from `release` until `submit`, the target's
/// until its verdict is published, and then the daemon's to read.
final class Worker {
    let index: Int
    let file: SharedFile
    let controlSocket: Int32
    /// Given to the target, closed here once it runs.
    let targetSocket: Int32
    var machineParent: pid_t = 0
    private(set) var submitted: UInt64 = 0
    private(set) var consumed: UInt64 = 0
    private let slotCount: Int
    private let program: String

    var header: UnsafeMutablePointer<fuzzd_worker_header> {
        file.base.assumingMemoryBound(to: fuzzd_worker_header.self)
    }

    init(index: Int, configuration: TargetConfiguration) throws(ForkServerError) {
        self.index = index
        program = configuration.program
        slotCount = configuration.slotsPerWorker
        let layout = WorkerLayout(configuration)
        file = try SharedFile(name: "fuzzd-worker", bytes: layout.totalBytes, program: program)
        var sockets: [Int32] = [-1, -1]
        let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &sockets) == 0 else {
            throw ForkServerError(
                .createSharedMemory, program: program, errorNumber: errno, cause: "cannot make a control socket")
        }
        controlSocket = sockets[0]
        targetSocket = sockets[1]
        layout.write(to: header, configuration: configuration, worker: index)
    }

    deinit {
        close(controlSocket)
    }

    /// How far the target came with its start (`fuzzd_phase`).
    var phase: UInt32 { fuzzd_worker_header_live(header).pointee.phase }
    var inFlight: Int { Int(submitted - consumed) }
    var hasRoom: Bool { inFlight < slotCount }
    var hasVerdict: Bool { fuzzd_worker_header_load_verdicts_published(header) > consumed }

    /// Writes the request into the next slot and publishes it. Precondition: `hasRoom`.
    func submit(_ request: ExecutionRequest) -> ExecutionSequence {
        precondition(hasRoom, "more inputs under way than slots")
        let sequence = submitted
        let slot = slot(sequence)
        let limit = Int(header.pointee.settings.max_input_bytes)
        slot.pointee.sequence = sequence
        slot.pointee.input_bytes = UInt64(copy(request.input, to: input(sequence), limit: limit))
        slot.pointee.has_partner = request.crossOverPartner == nil ? 0 : 1
        slot.pointee.partner_bytes = UInt64(
            copy(
                request.crossOverPartner ?? [],
                to: input(sequence).advanced(by: Int(header.pointee.input_stride_bytes)), limit: limit))
        slot.pointee.cross_over_seed = request.customMutatorSeed ?? request.crossOverSeed
        slot.pointee.mutates = request.customMutatorSeed == nil ? 0 : 1
        slot.pointee.collects_comparisons = request.collectsComparisons ? 1 : 0
        slot.pointee.shortens_stacks = request.tracesAllocations ? 0 : 1
        slot.pointee.needs_pass = request.needsPass ? 1 : 0
        fuzzd_slot_store_is_withdrawn(slot, 0)
        submitted += 1
        fuzzd_worker_header_store_inputs_published(header, submitted)
        if fuzzd_worker_header_load_target_waits(header) != 0 {
            fuzzd_worker_header_store_target_waits(header, 0)
            send(FUZZD_MESSAGE_WAKE, argument: 0)
        }
        return sequence
    }

    /// Nobody wants to know any more what comes of a request. Precondition: its verdict was not consumed yet.
    func withdraw(_ sequence: ExecutionSequence) {
        precondition((consumed..<submitted).contains(sequence), "input \(sequence) is not under way")
        fuzzd_slot_store_is_withdrawn(slot(sequence), 1)
    }

    /// The oldest verdict that was not consumed yet. Precondition: `hasVerdict`.
    var oldestSlot: UnsafeMutablePointer<fuzzd_slot> { slot(consumed) }
    var oldestSequence: UInt64 { consumed }

    func release() {
        consumed += 1
    }

    /// Tells the target to take no further input, to write its profile, and to end.
    func requestStop() {
        fuzzd_worker_header_store_stop_requested(header, 1)
        send(FUZZD_MESSAGE_WAKE, argument: 0)
    }

    /// Asks the target to wake the daemon once about half of what is under way is done.
    func prepareToSleep() {
        let published = fuzzd_worker_header_load_verdicts_published(header)
        let wakesAt = min(submitted, max(published + 1, consumed + UInt64(max(1, inFlight / 2))))
        fuzzd_worker_header_store_daemon_wakes_at(header, wakesAt)
    }

    func wakeUp() {
        fuzzd_worker_header_store_daemon_wakes_at(header, 0)
    }

    func send(_ kind: fuzzd_message_kind, argument: UInt32) {
        var message = fuzzd_message(kind: UInt32(kind.rawValue), argument: argument, value: 0)
        _ = Glibc.send(
            controlSocket, &message, MemoryLayout<fuzzd_message>.size,
            Int32(truncatingIfNeeded: MSG_NOSIGNAL | MSG_DONTWAIT))
    }

    func input(_ sequence: UInt64) -> UnsafeMutablePointer<UInt8> {
        let offset = Int(header.pointee.inputs_offset) + 2 * slotIndex(sequence) * Int(header.pointee.input_stride_bytes)
        return file.base.advanced(by: offset).assumingMemoryBound(to: UInt8.self)
    }

    func output(_ sequence: UInt64) -> UnsafeMutablePointer<UInt8> {
        let offset = Int(header.pointee.outputs_offset) + slotIndex(sequence) * Int(header.pointee.output_stride_bytes)
        return file.base.advanced(by: offset).assumingMemoryBound(to: UInt8.self)
    }

    func counterList(_ sequence: UInt64) -> UnsafePointer<UInt32> {
        let lists = file.base.advanced(by: Int(header.pointee.counter_lists_offset))
        return UnsafePointer(
            lists.assumingMemoryBound(to: UInt32.self)
                .advanced(by: slotIndex(sequence) * Int(header.pointee.counter_list_capacity)))
    }

    private func slot(_ sequence: UInt64) -> UnsafeMutablePointer<fuzzd_slot> {
        file.base.advanced(by: Int(header.pointee.slots_offset)).assumingMemoryBound(to: fuzzd_slot.self)
            .advanced(by: slotIndex(sequence))
    }

    private func slotIndex(_ sequence: UInt64) -> Int { Int(sequence % UInt64(slotCount)) }

    private func copy(_ bytes: [UInt8], to place: UnsafeMutablePointer<UInt8>, limit: Int) -> Int {
        let count = min(bytes.count, limit)
        bytes.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { place.update(from: base, count: count) }
        }
        return count
    }
}

/// Offsets of a worker file's parts as the daemon lays them out; the target adds the counters behind them.
struct WorkerLayout {
    let slotsOffset: Int
    let inputsOffset: Int
    let inputStrideBytes: Int
    let outputsOffset: Int
    let outputStrideBytes: Int
    /// 0: none.
    let auditOffset: Int
    let totalBytes: Int

    init(_ configuration: TargetConfiguration) {
        let slots = configuration.slotsPerWorker
        slotsOffset = Self.pages(MemoryLayout<fuzzd_worker_header>.size)
        inputsOffset = slotsOffset + Self.pages(slots * MemoryLayout<fuzzd_slot>.stride)
        inputStrideBytes = Self.pages(max(1, configuration.maxInputBytes))
        outputsOffset = inputsOffset + 2 * slots * inputStrideBytes
        outputStrideBytes = Self.pages(Int(configuration.limits.outputBytes) + Int(FUZZD_REPORT_BYTES))
        let outputsEnd = outputsOffset + slots * outputStrideBytes
        auditOffset = configuration.auditsReboot ? outputsEnd : 0
        totalBytes = outputsEnd + (configuration.auditsReboot ? Self.pages(MemoryLayout<fuzzd_audit>.size) : 0)
    }

    func write(
        to header: UnsafeMutablePointer<fuzzd_worker_header>, configuration: TargetConfiguration, worker: Int
    ) {
        let limits = configuration.limits
        header.pointee.magic = FUZZD_ABI_MAGIC
        header.pointee.abi_version = FUZZD_ABI_VERSION
        header.pointee.file_bytes = UInt64(totalBytes)
        header.pointee.settings = fuzzd_settings(
            strategy: configuration.strategy.abiValue, slot_count: UInt32(configuration.slotsPerWorker),
            max_input_bytes: UInt64(configuration.maxInputBytes),
            input_timeout_microseconds: limits.inputTimeoutMicroseconds,
            operation_timeout_microseconds: limits.operationTimeoutMicroseconds,
            memory_limit_bytes: limits.memoryBytes, file_size_limit_bytes: limits.fileSizeBytes,
            descriptor_limit: limits.descriptors, process_limit: limits.processes,
            output_limit_bytes: limits.outputBytes,
            compacts_parent_memory: configuration.compactsParentMemory ? 1 : 0, worker_index: UInt32(worker),
            detects_leaks: configuration.detectsLeaks ? 1 : 0, malloc_limit_bytes: limits.mallocBytes,
            end_of_input_symbol: 0,
            unhandled_signals: configuration.unhandledSignals.reduce(0) { $0 | 1 << UInt64($1 & 63) },
            uses_value_profile: configuration.usesValueProfile ? 1 : 0, skips_empty_input: 0,
            collects_profile: configuration.profilePath == nil ? 0 : 1,
            uses_real_time: configuration.freezesTime ? 0 : 1,
            verifies_reset_every: UInt64(configuration.verifiesResetEvery),
            audits_reboot: configuration.auditsReboot ? 1 : 0, fork_ahead: configuration.forkAhead.abiValue)
        if let path = configuration.profilePath, let place = fuzzd_worker_profile_path(header) {
            // The file began as zeroes, so the cut path is terminated.
            for (index, byte) in path.utf8.prefix(Int(FUZZD_PATH_BYTES) - 1).enumerated() {
                place[index] = CChar(bitPattern: byte)
            }
        }
        header.pointee.slots_offset = UInt64(slotsOffset)
        header.pointee.inputs_offset = UInt64(inputsOffset)
        header.pointee.input_stride_bytes = UInt64(inputStrideBytes)
        header.pointee.outputs_offset = UInt64(outputsOffset)
        header.pointee.output_stride_bytes = UInt64(outputStrideBytes)
        header.pointee.audit_offset = UInt64(auditOffset)
    }

    private static func pages(_ bytes: Int) -> Int {
        (bytes + Int(FUZZD_PAGE_BYTES) - 1) / Int(FUZZD_PAGE_BYTES) * Int(FUZZD_PAGE_BYTES)
    }
}
