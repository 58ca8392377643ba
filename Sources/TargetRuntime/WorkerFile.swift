import CForkServerABI
import CTargetRuntime

/// This worker's shared memory, as the machine parent and its children see it (`fuzzd_worker_header`).
///
/// The daemon made and sized the file; the target adds the counters and their lists behind it.
package struct WorkerFile {
    package let descriptor: Int32
    package let header: UnsafeMutablePointer<fuzzd_worker_header>
    private(set) var base: UnsafeMutableRawPointer

    var settings: fuzzd_settings { header.pointee.settings }
    var isSnapshot: Bool { settings.strategy == UInt32(FUZZD_STRATEGY_SNAPSHOT.rawValue) }
    var live: UnsafeMutablePointer<fuzzd_live> { fuzzd_worker_header_live(header) }

    /// Maps the file as the daemon left it and checks that both sides speak the same ABI.
    package static func map(descriptor: Int32) throws(RuntimeError) -> WorkerFile {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .failed(FUZZD_STEP_MAP_WORKER_FILE, errno: fuzzd_errno())
        }
        let memory = fuzzd_map_apart(Int(status.st_size), MAP_SHARED, descriptor)
        guard let memory, memory != mapFailed else {
            throw .failed(FUZZD_STEP_MAP_WORKER_FILE, errno: fuzzd_errno())
        }
        let header = memory.assumingMemoryBound(to: fuzzd_worker_header.self)
        guard header.pointee.magic == FUZZD_ABI_MAGIC, header.pointee.abi_version == FUZZD_ABI_VERSION else {
            throw RuntimeError(
                status: FUZZD_HELLO_ABI_MISMATCH, step: FUZZD_STEP_NONE, detail: FUZZD_ABI_VERSION)
        }
        return WorkerFile(descriptor: descriptor, header: header, base: memory)
    }

    /// Adds room for two sets of counters and for one list of hit counters a slot, and maps the whole file.
    package static func grow(_ file: WorkerFile, counterPageBytes: Int, counterCount: Int) throws(RuntimeError) -> WorkerFile {
        let header = file.header
        let slots = Int(header.pointee.settings.slot_count)
        let countersOffset = roundedUpToPage(Int(header.pointee.file_bytes))
        let listsOffset = countersOffset + 2 * counterPageBytes
        let total = roundedUpToPage(listsOffset + slots * counterCount * MemoryLayout<UInt32>.stride)
        let oldBytes = Int(header.pointee.file_bytes)
        guard ftruncate(file.descriptor, total) == 0 else {
            throw .failed(FUZZD_STEP_MAP_WORKER_FILE, errno: fuzzd_errno())
        }
        guard let memory = mapBesideStack(total, file.descriptor) ?? HugePages.mapAligned(total, ofFile: file.descriptor) else {
            throw .failed(FUZZD_STEP_MAP_WORKER_FILE, errno: fuzzd_errno())
        }
        fuzzd_unmap(file.base, oldBytes)
        let grown = memory.assumingMemoryBound(to: fuzzd_worker_header.self)
        grown.pointee.counters_offset = UInt64(countersOffset)
        grown.pointee.counters_bytes = UInt64(2 * counterPageBytes)
        grown.pointee.counter_lists_offset = UInt64(listsOffset)
        grown.pointee.counter_list_capacity = UInt64(counterCount)
        grown.pointee.file_bytes = UInt64(total)
        return WorkerFile(descriptor: file.descriptor, header: grown, base: memory)
    }

    /// Between the stack and the libraries below it, where nobody maps anything by himself: a child needs the page tables of that GiB anyway.
    private static func mapBesideStack(_ bytes: Int, _ descriptor: Int32) -> UnsafeMutableRawPointer? {
        let window = HugePages.bytes
        // The room that the kernel leaves between the stack and the first library, and half of it for a stack that grows.
        let (gap, stackBytes) = (UInt(128 << 20), UInt(64 << 20))
        let here = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { UInt(bitPattern: $0.baseAddress) }
        guard fuzzd_sanitizers() == 0, fuzzd_stack_limit() <= UInt64(stackBytes), UInt(bytes) < gap - stackBytes - 2 * window else { return nil }
        let start = (here - gap + window) & ~(window - 1)
        guard let place = UnsafeMutableRawPointer(bitPattern: start) else { return nil }
        let memory = fuzzd_raw_map(place, bytes, MAP_SHARED | Int32(MAP_FIXED_NOREPLACE), descriptor, 0)
        return memory == place ? memory : nil
    }

    /// Puts what a child touches of the file into huge pages as far as that can be had: it takes one page fault for all of it then. Where
    /// inputs are large that is for the first of them.
    func collapse() {
        let used = Int(header.pointee.inputs_offset) + 2 * Int(header.pointee.settings.slot_count) * Int(header.pointee.input_stride_bytes)
        for place in stride(from: 0, to: min(used, Self.largestCollapsedBytes), by: Int(HugePages.bytes)) {
            guard place + Int(HugePages.bytes) <= Int(header.pointee.file_bytes), HugePages.becomesHuge(base.advanced(by: place)) else { return }
        }
    }
    private static var largestCollapsedBytes: Int { 4 << 20 }

    package func slot(_ sequence: UInt64) -> UnsafeMutablePointer<fuzzd_slot> {
        base.advanced(by: Int(header.pointee.slots_offset)).assumingMemoryBound(to: fuzzd_slot.self)
            .advanced(by: slotIndex(sequence))
    }

    package func input(_ sequence: UInt64) -> UnsafeMutablePointer<UInt8> {
        base.advanced(
            by: Int(header.pointee.inputs_offset) + 2 * slotIndex(sequence) * Int(header.pointee.input_stride_bytes)
        ).assumingMemoryBound(to: UInt8.self)
    }

    package func partner(_ sequence: UInt64) -> UnsafeMutablePointer<UInt8> {
        input(sequence).advanced(by: Int(header.pointee.input_stride_bytes))
    }

    package func output(_ sequence: UInt64) -> UnsafeMutablePointer<UInt8> {
        base.advanced(
            by: Int(header.pointee.outputs_offset) + slotIndex(sequence) * Int(header.pointee.output_stride_bytes)
        ).assumingMemoryBound(to: UInt8.self)
    }

    package func counterList(_ sequence: UInt64) -> UnsafeMutablePointer<UInt32> {
        base.advanced(by: Int(header.pointee.counter_lists_offset)).assumingMemoryBound(to: UInt32.self)
            .advanced(by: slotIndex(sequence) * Int(header.pointee.counter_list_capacity))
    }

    private func slotIndex(_ sequence: UInt64) -> Int {
        Int(sequence % UInt64(header.pointee.settings.slot_count))
    }
}

// Sequence numbers and wake-ups. Each side raises a flag, looks again, and only then sleeps, so no wake is lost.
extension WorkerFile {
    package func hasInput(_ sequence: UInt64) -> Bool {
        fuzzd_worker_header_load_inputs_published(header) > sequence
    }

    /// The daemon wants no further input run.
    package var isStopRequested: Bool { fuzzd_worker_header_load_stop_requested(header) != 0 }

    package func setTargetWaits(_ waits: Bool) {
        fuzzd_worker_header_store_target_waits(header, waits ? 1 : 0)
    }

    package var verdictsPublished: UInt64 { fuzzd_worker_header_load_verdicts_published(header) }

    /// Publishes the verdict of `sequence`; wakes the daemon if it sleeps until this one.
    package func publishVerdict(_ sequence: UInt64, controlSocket: Int32) {
        fuzzd_worker_header_store_verdicts_published(header, sequence &+ 1)
        let wakesAt = fuzzd_worker_header_load_daemon_wakes_at(header)
        guard wakesAt != 0, sequence &+ 1 >= wakesAt else { return }
        fuzzd_worker_header_store_daemon_wakes_at(header, 0)
        var message = fuzzd_message(kind: UInt32(FUZZD_MESSAGE_WAKE.rawValue), argument: 0, value: 0)
        _ = send(controlSocket, &message, MemoryLayout<fuzzd_message>.size, sendFlags)
    }
}

/// Never a signal to the target for a daemon that is gone, never a wait for a daemon that does not read.
var sendFlags: Int32 { Int32(truncatingIfNeeded: fuzzd_send_flags) }
