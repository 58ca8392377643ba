import Daemon
import Glibc

extension FuzzdExitCode: Error {}

/// The two ways in which a command ends.
enum Termination {
    /// Prints and ends the process.
    static func end(
        _ code: FuzzdExitCode, standardOutput: String? = nil, standardError: String? = nil
    ) -> Never {
        if let standardOutput { print(standardOutput) }
        if let standardError {
            let bytes = Array((standardError + "\n").utf8)
            _ = write(STDERR_FILENO, bytes, bytes.count)
        }
        exit(code.rawValue)
    }

    /// Ends the process with a code that libFuzzer's flags may have chosen.
    static func end(_ code: Int32) -> Never { exit(code) }

    /// Ends a command that ran with a code other than 0; returns at 0.
    static func finish(_ code: FuzzdExitCode) throws {
        if code != .success { throw code }
    }
}
