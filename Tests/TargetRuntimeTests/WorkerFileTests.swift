import CForkServerABI
import CTargetRuntime
import Glibc
import TargetRuntime
import Testing

private let page = 4096

@Suite("The worker file as the target sees it") struct WorkerFileTests {
    private static let slots = 4
    private static let stride = 2 * page
    private static let outputStride = page

    /// A file as the daemon leaves it: header, slots, inputs, outputs.
    private final class File {
        let descriptor: Int32

        init(change: (inout fuzzd_worker_header) -> Void = { _ in }) throws {
            descriptor = fuzzd_memfd_create("worker")
            var header = fuzzd_worker_header()
            header.magic = FUZZD_ABI_MAGIC
            header.abi_version = FUZZD_ABI_VERSION
            header.settings.slot_count = UInt32(slots)
            let slotBytes = (slots * MemoryLayout<fuzzd_slot>.stride + page - 1) & ~(page - 1)
            header.slots_offset = UInt64(page)
            header.inputs_offset = UInt64(page + slotBytes)
            header.input_stride_bytes = UInt64(stride)
            header.outputs_offset = header.inputs_offset + UInt64(2 * slots * stride)
            header.output_stride_bytes = UInt64(outputStride)
            header.file_bytes = header.outputs_offset + UInt64(slots * outputStride)
            change(&header)
            try #require(ftruncate(descriptor, off_t(header.file_bytes)) == 0)
            try #require(pwrite(descriptor, &header, MemoryLayout.size(ofValue: header), 0) > 0)
        }

        deinit { close(descriptor) }
    }

    @Test func everyPartHasItsPlace() throws {
        let file = try File()
        let worker = try WorkerFile.map(descriptor: file.descriptor)
        let start = UnsafeRawPointer(worker.header)
        let header = worker.header.pointee
        for sequence in UInt64(0)..<10 {
            let index = Int(sequence) % Self.slots
            #expect(UnsafeRawPointer(worker.slot(sequence)) - start
                == Int(header.slots_offset) + index * MemoryLayout<fuzzd_slot>.stride)
            #expect(UnsafeRawPointer(worker.input(sequence)) - start == Int(header.inputs_offset) + 2 * index * Self.stride)
            #expect(worker.partner(sequence) - worker.input(sequence) == Self.stride)
            #expect(UnsafeRawPointer(worker.output(sequence)) - start
                == Int(header.outputs_offset) + index * Self.outputStride)
        }
    }

    @Test func countersAndTheirListsComeBehind() throws {
        let file = try File()
        let before = try WorkerFile.map(descriptor: file.descriptor)
        let oldBytes = before.header.pointee.file_bytes
        before.input(1).pointee = 42
        let worker = try WorkerFile.grow(before, counterPageBytes: 3 * page, counterCount: 1000)
        let header = worker.header.pointee
        #expect(header.counters_offset == oldBytes && header.counters_bytes == UInt64(2 * 3 * page))
        #expect(header.counter_lists_offset == oldBytes + UInt64(2 * 3 * page) && header.counter_list_capacity == 1000)
        #expect(header.file_bytes % UInt64(page) == 0)
        #expect(worker.input(1).pointee == 42, "what was there stays")
        let start = UnsafeRawPointer(worker.header)
        for sequence in UInt64(0)..<5 {
            let list = UnsafeRawPointer(worker.counterList(sequence)) - start
            #expect(list == Int(header.counter_lists_offset) + Int(sequence) % Self.slots * 4000)
            #expect(list + 4000 <= Int(header.file_bytes))
        }
        var status = stat()
        #expect(fstat(file.descriptor, &status) == 0 && status.st_size == off_t(header.file_bytes))
        // The very last entry is there.
        worker.counterList(UInt64(Self.slots - 1))[999] = 7
    }

    @Test func anotherVersionIsRefused() throws {
        for change in [
            { $0.abi_version = FUZZD_ABI_VERSION + 1 }, { $0.magic = 0 },
        ] as [(inout fuzzd_worker_header) -> Void] {
            let file = try File(change: change)
            let error = #expect(throws: RuntimeError.self) { try WorkerFile.map(descriptor: file.descriptor) }
            #expect(error?.status == FUZZD_HELLO_ABI_MISMATCH && error?.detail == FUZZD_ABI_VERSION)
        }
    }

    @Test func whatCannotBeMappedIsAnError() throws {
        var error = #expect(throws: RuntimeError.self) { try WorkerFile.map(descriptor: -1) }
        #expect(error?.step == FUZZD_STEP_MAP_WORKER_FILE && error?.detail == UInt32(EBADF))
        // An empty file has nothing to map.
        let empty = fuzzd_memfd_create("empty")
        defer { close(empty) }
        error = #expect(throws: RuntimeError.self) { try WorkerFile.map(descriptor: empty) }
        #expect(error?.step == FUZZD_STEP_MAP_WORKER_FILE && error?.detail == UInt32(EINVAL))
        // A file that may be read only.
        let file = try File()
        let readOnly = open("/proc/self/fd/\(file.descriptor)", O_RDONLY)
        defer { close(readOnly) }
        error = #expect(throws: RuntimeError.self) { try WorkerFile.map(descriptor: readOnly) }
        #expect(error?.step == FUZZD_STEP_MAP_WORKER_FILE && error?.detail == UInt32(EACCES))
    }

    @Test func aFileThatCannotGrowIsAnError() throws {
        let file = try File()
        let worker = try WorkerFile.map(descriptor: file.descriptor)
        let error = #expect(throws: RuntimeError.self) {
            try WorkerFile.grow(worker, counterPageBytes: 1 << 61, counterCount: 1)
        }
        #expect(error?.step == FUZZD_STEP_MAP_WORKER_FILE && error?.detail != 0)
        #expect(worker.header.pointee.counters_offset == 0, "nothing is announced that is not there")
    }

    @Test func verdictsWakeTheDaemonAtTheNumberItWaitsFor() throws {
        let file = try File()
        let worker = try WorkerFile.map(descriptor: file.descriptor)
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        func wakes() -> Int {
            var message = fuzzd_message()
            var count = 0
            while recv(ends[1], &message, MemoryLayout<fuzzd_message>.size, Int32(MSG_DONTWAIT)) > 0 { count += 1 }
            return count
        }
        worker.publishVerdict(0, controlSocket: ends[0])
        #expect(worker.verdictsPublished == 1 && wakes() == 0, "it is awake")
        fuzzd_worker_header_store_daemon_wakes_at(worker.header, 3)
        worker.publishVerdict(1, controlSocket: ends[0])
        #expect(wakes() == 0, "it waits for more")
        worker.publishVerdict(2, controlSocket: ends[0])
        worker.publishVerdict(3, controlSocket: ends[0])
        #expect(wakes() == 1, "once")
        #expect(fuzzd_worker_header_load_daemon_wakes_at(worker.header) == 0)
    }

    @Test func inputsAndTheWishToStopAreSeen() throws {
        let file = try File()
        let worker = try WorkerFile.map(descriptor: file.descriptor)
        #expect(!worker.hasInput(0) && !worker.isStopRequested)
        fuzzd_worker_header_store_inputs_published(worker.header, 2)
        #expect(worker.hasInput(0) && worker.hasInput(1) && !worker.hasInput(2))
        fuzzd_worker_header_store_stop_requested(worker.header, 1)
        #expect(worker.isStopRequested)
    }

    /// The daemon is gone: no signal, no wait.
    @Test func aVerdictForADaemonThatIsGone() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let descriptor = fuzzd_memfd_create("worker")
            var header = fuzzd_worker_header()
            header.magic = FUZZD_ABI_MAGIC
            header.abi_version = FUZZD_ABI_VERSION
            header.daemon_wakes_at = 1
            ftruncate(descriptor, 4096)
            pwrite(descriptor, &header, MemoryLayout.size(ofValue: header), 0)
            var ends: [Int32] = [-1, -1]
            guard socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0,
                let worker = try? WorkerFile.map(descriptor: descriptor)
            else { _exit(1) }
            close(ends[1])
            worker.publishVerdict(0, controlSocket: ends[0])
            _exit(7)
        }
    }
}
