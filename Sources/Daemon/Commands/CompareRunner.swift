/// Runs `fuzzd compare`.
package enum CompareRunner {
    /// Measures the strategies and prints the report.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: CompareOptions) throws -> FuzzdExitCode {
        throw CommandFailure(.failure, "'fuzzd compare' is not built yet")
    }
}
