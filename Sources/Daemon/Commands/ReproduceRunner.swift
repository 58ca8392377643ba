/// Runs `fuzzd reproduce`.
package enum ReproduceRunner {
    /// Runs each artifact and says what happened.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: ReproduceOptions) throws -> FuzzdExitCode {
        throw CommandFailure(.failure, "'fuzzd reproduce' is not built yet")
    }
}
