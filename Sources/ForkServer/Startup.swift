import CForkServerABI
import Fuzzing
import Glibc

/// From spawn until every machine parent has said hello: collects what the target prints and turns each way a start
/// can fail into one clear error.
struct Startup {
    let configuration: TargetConfiguration
    let workers: [Worker]
    let output: Int32
    let process: pid_t
    private(set) var printed: [UInt8] = []
    /// Errno of the step that keeps the target from taking snapshots; inputs run under fork then.
    private(set) var snapshotRefusal: Int32?

    init(configuration: TargetConfiguration, workers: [Worker], output: Int32, process: pid_t) {
        self.configuration = configuration
        self.workers = workers
        self.output = output
        self.process = process
    }

    mutating func waitForHellos(limit: Int) throws(ForkServerError) {
        var waiting = Set(workers.map(\.index))
        let deadline = monotonicSeconds() + Double(configuration.initializationTimeoutSeconds)
        while !waiting.isEmpty {
            let left = deadline - monotonicSeconds()
            guard left > 0 else {
                throw failure(
                    .initialize,
                    "did not finish its initialisation within \(configuration.initializationTimeoutSeconds) s"
                        + " (initialization_timeout_seconds)")
            }
            var polled = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
            polled += workers.map {
                pollfd(fd: waiting.contains($0.index) ? $0.controlSocket : -1, events: Int16(POLLIN), revents: 0)
            }
            _ = poll(&polled, UInt(polled.count), Int32(min(left * 1000, 1000)))
            drain(limit: limit)
            for worker in workers where polled[1 + worker.index].revents != 0 {
                try readHello(worker)
                waiting.remove(worker.index)
            }
        }
        drain(limit: limit)
    }

    private mutating func drain(limit: Int) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { return }
            printed += buffer[..<min(count, max(0, limit - printed.count))]
        }
    }

    private mutating func readHello(_ worker: Worker) throws(ForkServerError) {
        var hello = fuzzd_hello()
        let received = recv(worker.controlSocket, &hello, MemoryLayout<fuzzd_hello>.size, 0)
        guard received == MemoryLayout<fuzzd_hello>.size, hello.magic == FUZZD_ABI_MAGIC else {
            drain(limit: 1 << 20)
            throw endedBeforeHello()
        }
        worker.machineParent = hello.process_id
        guard hello.abi_version == FUZZD_ABI_VERSION, hello.status != FUZZD_HELLO_ABI_MISMATCH.rawValue else {
            throw failure(
                .abiMismatch,
                "speaks version \(hello.abi_version) of the fork server protocol, this fuzzd speaks"
                    + " \(FUZZD_ABI_VERSION); rebuild the target with this fuzzd's runtime")
        }
        if hello.status == FUZZD_HELLO_NO_COVERAGE.rawValue {
            throw failure(
                .noCoverage,
                "has no coverage counters; compile it with -fsanitize-coverage=inline-8bit-counters,pc-table"
                    + " (-fsanitize=fuzzer-no-link)")
        }
        guard hello.status == FUZZD_HELLO_READY.rawValue else {
            throw ForkServerError(
                .handshake, program: configuration.program, errorNumber: Int32(bitPattern: hello.detail),
                cause: "could not start its fork server, step \(hello.step)")
        }
        if hello.step == FUZZD_STEP_SNAPSHOT.rawValue { snapshotRefusal = Int32(bitPattern: hello.detail) }
    }

    private func endedBeforeHello() -> ForkServerError {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        let how = signal == 0 ? "exited with status \((status >> 8) & 0xFF)" : "died by signal \(signal)"
        let lastLine = String(decoding: printed, as: UTF8.self).split(separator: "\n").last.map { ": \($0)" } ?? ""
        return ForkServerError(
            .initialize, program: configuration.program,
            cause: "\(how) before it served\(lastLine.isEmpty ? "; is it linked with fuzzd's runtime?" : lastLine)",
            exitStatus: signal == 0 ? (status >> 8) & 0xFF : nil)
    }

    private func failure(_ step: ForkServerError.Step, _ cause: String) -> ForkServerError {
        ForkServerError(step, program: configuration.program, cause: cause)
    }
}

/// `CLOCK_MONOTONIC` in seconds.
func monotonicSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

extension Verdict {
    init(_ slot: UnsafeMutablePointer<fuzzd_slot>, _ printed: UnsafeMutablePointer<UInt8>) {
        let value = slot
        kind = Kind(abiValue: value.pointee.outcome)
        isWithdrawn = value.pointee.outcome == FUZZD_OUTCOME_WITHDRAWN.rawValue
        signal = value.pointee.signal
        exitCode = value.pointee.exit_code
        operations = value.pointee.operations
        timing = ExecutionTiming(
            handOverNanoseconds: value.pointee.wait_nanoseconds, forkNanoseconds: value.pointee.fork_nanoseconds,
            childNanoseconds: value.pointee.child_nanoseconds, reapNanoseconds: value.pointee.reap_nanoseconds)
        peakResidentKibibytes = value.pointee.peak_resident_kibibytes
        output = Array(UnsafeBufferPointer(start: printed, count: Int(value.pointee.output_bytes)))
        outputBytesTotal = value.pointee.output_bytes_total
        wordComparisons = Self.wordComparisons(slot)
        crash = nil
        if let record = fuzzd_slot_crash(slot), record.pointee.is_valid != 0, let frames = fuzzd_slot_frames(slot) {
            crash = CrashRecord(
                signal: record.pointee.signal, code: record.pointee.code,
                faultAddress: record.pointee.fault_address, programCounter: record.pointee.program_counter,
                frames: (0..<Int(min(record.pointee.frame_count, FUZZD_MAX_FRAMES))).map { frames[$0] })
        }
    }

    private static func wordComparisons(_ slot: UnsafeMutablePointer<fuzzd_slot>) -> [WordComparison] {
        guard slot.pointee.collects_comparisons != 0, slot.pointee.word_comparison_count > 0,
            let table = fuzzd_slot_word_comparisons(slot)
        else { return [] }
        return (0..<Int(FUZZD_MAX_WORD_COMPARISONS)).compactMap { index in
            let entry = table.advanced(by: index)
            let left = word(fuzzd_word_left(entry), entry.pointee.left_bytes)
            let right = word(fuzzd_word_right(entry), entry.pointee.right_bytes)
            return left.isEmpty && right.isEmpty ? nil : WordComparison(left: left, right: right)
        }
    }

    private static func word(_ bytes: UnsafePointer<UInt8>?, _ count: UInt32) -> [UInt8] {
        Array(UnsafeBufferPointer(start: bytes, count: Int(min(count, FUZZD_WORD_BYTES))))
    }
}
