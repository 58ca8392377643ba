import CForkServerABI

/// Why the fork server could not start: the step that failed and its errno. Travels to the daemon in the hello.
struct RuntimeError: Error {
    let status: fuzzd_hello_status
    let step: fuzzd_step
    /// errno; for an ABI mismatch this runtime's version.
    let detail: UInt32

    static func failed(_ step: fuzzd_step, errno: Int32) -> RuntimeError {
        RuntimeError(status: FUZZD_HELLO_FAILED, step: step, detail: UInt32(bitPattern: errno))
    }
}
