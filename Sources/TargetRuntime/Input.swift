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
    let collectsComparisons: Bool

    init(_ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ file: WorkerFile) {
        self.sequence = sequence
        self.slot = slot
        live = file.live
        bytes = file.input(sequence)
        byteCount = Int(slot.pointee.input_bytes)
        hasPartner = slot.pointee.has_partner != 0
        collectsComparisons = slot.pointee.collects_comparisons != 0
    }
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
        let crash = fuzzd_slot_crash(slot)
        crash?.pointee.is_valid = 0
        crash?.pointee.frame_count = 0
        guard slot.pointee.collects_comparisons != 0, let table = fuzzd_slot_comparisons(slot) else { return }
        memset(table, 0, Int(FUZZD_MAX_COMPARISONS) * MemoryLayout<fuzzd_comparison>.stride)
    }

    /// Crosses over if asked, then runs the harness. In a child or a runner.
    func runInput(_ request: InputRequest, _ file: WorkerFile) {
        var byteCount = request.byteCount
        if request.hasPartner {
            crossOver(request.sequence, request.slot, file)
            byteCount = Int(request.slot.pointee.input_bytes)
        }
        if request.collectsComparisons {
            fuzzd_collect_comparisons(request.live, fuzzd_slot_comparisons(request.slot))
        }
        let result = callbacks.testOneInput(UnsafePointer(request.bytes), byteCount)
        if request.collectsComparisons { fuzzd_collect_comparisons(nil, nil) }
        fuzzd_flush_output()
        request.live.pointee.harness_result = result
        request.live.pointee.has_completed = 1
    }

    /// The harness crosses the input over with its partner; the result replaces the input in its slot, where the
    /// daemon finds it.
    private func crossOver(_ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ file: WorkerFile) {
        guard let crossOver = callbacks.crossOver else { return }
        let capacity = Int(file.settings.max_input_bytes)
        let bytes = roundedUpToPage(max(capacity, 1))
        guard let memory = mapPrivate(bytes: bytes) else { return }
        let result = memory.assumingMemoryBound(to: UInt8.self)
        let size = crossOver(
            UnsafePointer(file.input(sequence)), Int(slot.pointee.input_bytes),
            UnsafePointer(file.partner(sequence)), Int(slot.pointee.partner_bytes), result, capacity,
            slot.pointee.cross_over_seed)
        // 0: the harness declines, as QEMU's targets without a cross-over do; the input runs as it is.
        if size > 0, size <= capacity {
            memcpy(file.input(sequence), result, size)
            slot.pointee.input_bytes = UInt64(size)
        }
        munmap(memory, bytes)
    }
}
