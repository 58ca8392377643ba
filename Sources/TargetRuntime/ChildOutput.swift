import CForkServerABI
import CTargetRuntime

/// The pipe that takes what children print on descriptors 1 and 2.
///
/// The machine parent keeps what fits under the cap and drops the rest, so a flooding child neither fills a disk
/// nor blocks. Owned by the machine parent; the write end is descriptors 1 and 2 of it and its children.
struct ChildOutput {
    let readEnd: Int32
    private let scratch: UnsafeMutableRawPointer
    private static var scratchBytes: Int { 65536 }
    /// Bytes kept of the running input, and all that it printed.
    private(set) var keptBytes = 0
    private(set) var totalBytes: UInt64 = 0

    /// Redirects descriptors 1 and 2 of this process into a new pipe.
    init() throws(RuntimeError) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutablePointer(to: &ends) {
            $0.withMemoryRebound(to: Int32.self, capacity: 2) { pipe($0) }
        }
        guard result == 0, let memory = mapPrivate(bytes: Self.scratchBytes) else {
            throw .failed(FUZZD_STEP_OUTPUT_PIPE, errno: fuzzd_errno())
        }
        readEnd = fuzzd_move_descriptor(ends.0, Descriptors.firstOwn)
        scratch = memory
        guard readEnd >= 0, fuzzd_set_nonblocking(readEnd) == 0, dup2(ends.1, 1) == 1, dup2(ends.1, 2) == 2 else {
            throw .failed(FUZZD_STEP_OUTPUT_PIPE, errno: fuzzd_errno())
        }
        close(ends.1)
    }

    mutating func beginInput() {
        keptBytes = 0
        totalBytes = 0
    }

    /// Takes what is in the pipe now; keeps it in `kept` as far as `limit` allows.
    mutating func drain(into kept: UnsafeMutablePointer<UInt8>, limit: Int) {
        while true {
            let count = read(readEnd, scratch, Self.scratchBytes)
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
/// without it.
enum Descriptors {
    static var firstOwn: Int32 { 900 }
}
