import CForkServerABI

/// Why the fork server could not start: the step that failed and its errno. Travels to the daemon in the hello.
package struct RuntimeError: Error {
    package let status: fuzzd_hello_status
    package let step: fuzzd_step
    /// errno; for an ABI mismatch this runtime's version.
    package let detail: UInt32

    static func failed(_ step: fuzzd_step, errno: Int32) -> RuntimeError {
        RuntimeError(status: FUZZD_HELLO_FAILED, step: step, detail: UInt32(bitPattern: errno))
    }
}
