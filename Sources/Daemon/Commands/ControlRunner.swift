/// Runs `fuzzd status`.
package enum ControlRunner {
    /// Reaches a running daemon through its control socket.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: ControlOptions) throws -> FuzzdExitCode {
        throw CommandFailure(.failure, "'fuzzd status' is not built yet")
    }
}
