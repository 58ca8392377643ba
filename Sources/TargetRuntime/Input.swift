import CForkServerABI
import CTargetRuntime

// What happens around one input, the same in every strategy.
extension ForkServer {
    /// Clears what the last input in this slot left. In the machine parent (fork) or the runner.
    func beginInput(
        _ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ live: UnsafeMutablePointer<fuzzd_live>
    ) {
        fuzzd_live_store_sequence(live, sequence)
        fuzzd_live_store_operations(live, 0)
        live.pointee.comparison_count = 0
        live.pointee.has_completed = 0
        live.pointee.harness_result = 0
        let crash = fuzzd_slot_crash(slot)
        crash?.pointee.is_valid = 0
        crash?.pointee.frame_count = 0
        fuzzd_set_crash_record(crash)
        guard slot.pointee.collects_comparisons != 0, let table = fuzzd_slot_comparisons(slot) else { return }
        memset(table, 0, Int(FUZZD_MAX_COMPARISONS) * MemoryLayout<fuzzd_comparison>.stride)
    }

    /// Crosses over if asked, then runs the harness. In a child or a runner.
    func runInput(_ sequence: UInt64, _ slot: UnsafeMutablePointer<fuzzd_slot>, _ file: WorkerFile) {
        let live = file.live
        let input = file.input(sequence)
        if slot.pointee.has_partner != 0 { crossOver(sequence, slot, file) }
        if slot.pointee.collects_comparisons != 0 {
            fuzzd_collect_comparisons(live, fuzzd_slot_comparisons(slot))
        }
        let result = callbacks.testOneInput(UnsafePointer(input), Int(slot.pointee.input_bytes))
        fuzzd_collect_comparisons(nil, nil)
        fflush(nil)
        live.pointee.harness_result = result
        live.pointee.has_completed = 1
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
