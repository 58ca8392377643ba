/// Runs `fuzzd list`.
package enum ListRunner {
    /// Prints the harnesses of the built-in machine and the ready configs.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run() throws -> FuzzdExitCode {
        throw CommandFailure(.failure, "'fuzzd list' is not built yet")
    }
}
