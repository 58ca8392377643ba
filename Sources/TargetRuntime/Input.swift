import CForkServerABI
import CTargetRuntime

/// A slot's request, read before the fork: shared pages that a child does not touch cost it no page fault.
struct InputRequest {
    let sequence: UInt64
    let slot: UnsafeMutablePointer<fuzzd_slot>
    let live: UnsafeMutablePointer<fuzzd_live>
    let bytes: UnsafeMutablePointer<UInt8>
    let byteCount: Int
    let hasPartner: Bool
    let mutates: Bool
    let collectsComparisons: Bool
    let isOfRunner: Bool

    @inline(__always)
    init(_ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ file: WorkerFile) {
        self.sequence = sequence
        self.slot = slot
        live = file.live
        bytes = file.input(sequence)
        byteCount = Int(slot.pointee.input_bytes)
        hasPartner = slot.pointee.has_partner != 0
        mutates = slot.pointee.mutates != 0
        collectsComparisons = slot.pointee.collects_comparisons != 0
        isOfRunner = file.settings.strategy != UInt32(FUZZD_STRATEGY_FORK.rawValue)
    }

    /// Whether a runner ends with this input although the harness returned, so that what was printed is collected: there was a leak, or
    /// a process that the harness forked failed, whose status it may not have looked at.
    var endsRunner: Bool { isOfRunner && (live.pointee.child_outcome != 0 || slot.pointee.crash.is_valid != 0) }
}

// What happens around one input, the same in every strategy.
extension ForkServer {
    /// Clears what the last input in this slot left. In the machine parent (fork) or the runner.
    func beginInput(
        _ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ live: UnsafeMutablePointer<fuzzd_live>
    ) {
        fuzzd_live_store_sequence(live, sequence)
        fuzzd_live_store_operations(live, 0)
        live.pointee.comparison_count = 0
        live.pointee.word_comparison_count = 0
        live.pointee.child_outcome = 0
        live.pointee.has_completed = 0
        live.pointee.harness_result = 0
        fuzzd_shorten_stacks(slot.pointee.shortens_stacks != 0 ? 1 : 0)
        let crash = fuzzd_slot_crash(slot)
        crash?.pointee.is_valid = 0
        crash?.pointee.frame_count = 0
        guard slot.pointee.collects_comparisons != 0 else { return }
        fuzzd_zero(fuzzd_slot_comparisons(slot), Int(FUZZD_MAX_COMPARISONS) * MemoryLayout<fuzzd_comparison>.stride)
        fuzzd_zero(
            fuzzd_slot_word_comparisons(slot),
            Int(FUZZD_MAX_WORD_COMPARISONS) * MemoryLayout<fuzzd_word_comparison>.stride)
    }

    /// Crosses over or mutates if asked, then runs the harness. In a child or a runner.
    ///
    /// `serving` by its address: a copy would take a child more room on its stack than it has on one page.
    func runInput(_ request: InputRequest, _ serving: UnsafePointer<Serving>) {
        let file = serving.pointee.file
        fuzzd_restart_time()
        fuzzd_trust_interceptors(1)
        // Under `snapshot` the threads are there.
        if threads == nil { callbacks.startChild?() }
        var byteCount = request.byteCount
        if request.hasPartner || request.mutates {
            if request.hasPartner { crossOver(request.sequence, request.slot, file) }
            if request.mutates { mutate(request.sequence, request.slot, file) }
            byteCount = Int(request.slot.pointee.input_bytes)
            // What the harness's own mutators covered is not the input's.
            if callbacks.changesInputs { serving.pointee.coverage.clear() }
        }
        let isOnStack = callbacks.copiesInput && fuzzd_copies_to_stack(byteCount) != 0
        let input = callbacks.copiesInput && !isOnStack ? copy(request.bytes, byteCount) : request.bytes
        if request.collectsComparisons { fuzzd_collect_comparisons(request.live, request.slot) }
        fuzzd_begin_allocations()
        let result =
            isOnStack
            ? fuzzd_run_copy_in_place(callbacks.testOneInput, UnsafePointer(input), byteCount)
            : fuzzd_run_in_place(callbacks.testOneInput, UnsafePointer(input), byteCount)
        if request.collectsComparisons { fuzzd_collect_comparisons(nil, nil) }
        fuzzd_finish_input(result)
        if callbacks.copiesInput, !isOnStack, let input { endCopy(input, original: request.bytes, byteCount) }
        fuzzd_trust_interceptors(0)
        if request.endsRunner { fuzzd_end_child() }
    }

    /// The input in memory of exactly its size from the target's allocator: a sanitizer sees an access beyond its end.
    func copy(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> UnsafeMutablePointer<UInt8>? {
        let copy = malloc(count)?.assumingMemoryBound(to: UInt8.self)
        fuzzd_copy(copy, bytes, copy == nil ? 0 : count)
        fuzzd_mark_initialized(copy, count)
        return copy
    }

    /// Ends the child if the harness wrote to its input, which libFuzzer counts as a crash.
    private func endCopy(
        _ copy: UnsafeMutablePointer<UInt8>, original: UnsafeMutablePointer<UInt8>, _ count: Int
    ) {
        if fuzzd_differs(copy, original, count) != 0 {
            StandardError.write(literal: "ERROR: libFuzzer: fuzz target overwrites its const input\n")
            abort()
        }
        free(copy)
    }

    /// The harness changes the input; the result replaces it in its slot, where the daemon finds it.
    private func mutate(_ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ file: WorkerFile) {
        guard let mutate = callbacks.mutate else { return }
        let capacity = Int(file.settings.max_input_bytes)
        let bytes = roundedUpToPage(max(capacity, 1))
        guard let memory = mapPrivate(bytes: bytes) else { return }
        let result = memory.assumingMemoryBound(to: UInt8.self)
        let size = Int(slot.pointee.input_bytes)
        fuzzd_copy(result, file.input(sequence), size)
        seedMutations(slot.pointee.cross_over_seed)
        let newSize = mutate(result, size, capacity, slot.pointee.cross_over_seed)
        if newSize <= capacity, newSize >= 0 {
            fuzzd_copy(file.input(sequence), result, newSize)
            slot.pointee.input_bytes = UInt64(newSize)
        }
        fuzzd_unmap(memory, bytes)
    }

    /// The harness crosses the input over with its partner; the result replaces the input in its slot, where the
    /// daemon finds it.
    private func crossOver(_ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ file: WorkerFile) {
        guard let crossOver = callbacks.crossOver else { return }
        let capacity = Int(file.settings.max_input_bytes)
        let bytes = roundedUpToPage(max(capacity, 1))
        guard let memory = mapPrivate(bytes: bytes) else { return }
        let result = memory.assumingMemoryBound(to: UInt8.self)
        seedMutations(slot.pointee.cross_over_seed)
        let size = crossOver(
            UnsafePointer(file.input(sequence)), Int(slot.pointee.input_bytes),
            UnsafePointer(file.partner(sequence)), Int(slot.pointee.partner_bytes), result, capacity,
            slot.pointee.cross_over_seed)
        // 0: the harness declines, as QEMU's targets without a cross-over do; the input runs as it is.
        if size > 0, size <= capacity {
            memcpy(file.input(sequence), result, size)
            slot.pointee.input_bytes = UInt64(size)
        }
        fuzzd_unmap(memory, bytes)
    }
}
