import CForkServerABI
import CTargetRuntime

/// The pipe that takes what children print on descriptors 1 and 2.
///
/// The machine parent keeps what fits under the cap and drops the rest, so a flooding child neither fills a disk
/// nor blocks. Owned by the machine parent; the write end is descriptors 1 and 2 of it and its children.
struct ChildOutput {
    let readEnd: Int32
    private let writeEnd: Int32
    /// What a sanitizer reports goes here and not into the pipe, so that no cap cuts it; -1 without one.
    private let report: Int32
    private let scratch: UnsafeMutableRawPointer
    private static var scratchBytes: Int { 65536 }
    /// Bytes kept of the running input, and all that it printed.
    private(set) var keptBytes = 0
    private(set) var totalBytes: UInt64 = 0

    /// Makes the pipe; `report` is the file of sanitizers' reports.
    init(report: Int32) throws(RuntimeError) {
        self.report = report
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutablePointer(to: &ends) {
            $0.withMemoryRebound(to: Int32.self, capacity: 2) { pipe($0) }
        }
        guard result == 0, let memory = mapPrivate(bytes: Self.scratchBytes) else {
            throw .failed(FUZZD_STEP_OUTPUT_PIPE, errno: fuzzd_errno())
        }
        readEnd = fuzzd_move_descriptor(ends.0, Descriptors.firstOwn)
        writeEnd = fuzzd_move_descriptor(ends.1, Descriptors.firstOwn)
        scratch = memory
        guard readEnd >= 0, writeEnd >= 0, fuzzd_set_nonblocking(readEnd) == 0 else {
            throw .failed(FUZZD_STEP_OUTPUT_PIPE, errno: fuzzd_errno())
        }
    }

    /// Makes the pipe descriptors 1 and 2 of this process.
    func redirect() throws(RuntimeError) {
        guard dup2(writeEnd, 1) == 1, dup2(writeEnd, 2) == 2 else {
            throw .failed(FUZZD_STEP_OUTPUT_PIPE, errno: fuzzd_errno())
        }
    }

    /// No child needs it.
    func keepFromChildren() { madvise(scratch, Self.scratchBytes, Int32(MADV_DONTFORK)) }

    /// Appends what a sanitizer reported during the input, and empties the report for the next one.
    mutating func takeReport(into kept: UnsafeMutablePointer<UInt8>) {
        var status = stat()
        guard report >= 0, fstat(report, &status) == 0, status.st_size > 0 else { return }
        let count = pread(report, kept.advanced(by: keptBytes), Int(min(status.st_size, off_t(FUZZD_REPORT_BYTES))), 0)
        if count > 0 {
            keptBytes += count
            totalBytes += UInt64(count)
        }
        _ = ftruncate(report, 0)
    }

    mutating func beginInput() {
        keptBytes = 0
        totalBytes = 0
    }

    /// Takes what is in the pipe now; keeps it in `kept` as far as `limit` allows.
    mutating func drain(into kept: UnsafeMutablePointer<UInt8>, limit: Int) {
        while true {
            let count = fuzzd_raw_read(readEnd, scratch, Self.scratchBytes)
            guard count > 0 else { return }
            let room = limit - keptBytes
            let taken = count < room ? count : room
            if taken > 0 {
                memcpy(kept.advanced(by: keptBytes), scratch, taken)
                keptBytes += taken
            }
            totalBytes += UInt64(count)
            if count < Self.scratchBytes { return }
        }
    }
}

/// Where the runtime keeps its own descriptors: high, so that the target's numbers are what they would be
/// without it, and within a hard limit that the harness has lowered.
enum Descriptors {
    static var firstOwn: Int32 { fuzzd_first_own_descriptor() }
}
