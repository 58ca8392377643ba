/// What `fuzzd libfuzzer` was started with by a harness's `main`.
package struct LibFuzzerOptions: Sendable, Equatable {
    /// The harness's program, absolute.
    package var harnessPath: String
    /// The name that the user called it by; messages show it.
    package var argumentZero: String
    package var arguments: [String]

    package init(harnessPath: String, argumentZero: String, arguments: [String]) {
        self.harnessPath = harnessPath
        self.argumentZero = argumentZero
        self.arguments = arguments
    }
}

/// The end of a run with an exit code that libFuzzer's flags chose, or a message and 1. Thrown by modes only.
struct LibFuzzerFailure: Error {
    /// Nothing is printed for an empty one.
    var message: String
    var exitCode = LibFuzzerExitCode.failure
}

/// libFuzzer's exit codes that no flag changes.
enum LibFuzzerExitCode {
    static let success: Int32 = 0
    static let failure: Int32 = 1
    static let outOfMemory: Int32 = 71
    static let interrupted: Int32 = 72
}
