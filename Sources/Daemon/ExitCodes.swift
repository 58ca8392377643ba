/// How a `fuzzd` process ends; documented for scripts in `docs/exit-codes.md`.
///
/// Findings keep libFuzzer's numbers. A number is never given a second meaning.
package enum FuzzdExitCode: Int32, Sendable, CaseIterable {
    case success = 0
    /// Anything without a code of its own.
    case failure = 1
    /// A wrong flag, or a config that is refused.
    case usage = 2
    /// A corpus directory is missing, unreadable or no directory, or an artifact cannot be read.
    case corpusUnusable = 3
    /// The target's program is absent, not executable, or died before it served.
    case targetUnusable = 4
    /// The target serves but has no edge counters.
    case noCoverage = 5
    /// The target was built for another version of the contract.
    case abiMismatch = 6
    /// Another daemon is working on the same corpus.
    case corpusBusy = 7
    /// Corpus, artifacts or history could not be written: a full disk, most often.
    case storageFailure = 8
    /// No daemon runs, or none of that name.
    case noSuchDaemon = 9
    /// An artifact does not fail on this target, or not each time.
    case artifactDoesNotFail = 10
    /// An artifact that does not fail, or not alike, where it was to be shown: on its own target or on another program.
    case notConfirmed = 20
    /// A trace that the target's format and regions cannot express, or not all of it.
    case notExpressible = 21
    /// libFuzzer's code for a timeout.
    case timeoutFound = 70
    /// libFuzzer's code for an input that runs out of memory.
    case outOfMemoryFound = 71
    /// libFuzzer's code for a crash, a leak or any other error of the target.
    case crashFound = 77

    /// The code of the worst finding: a crash or leak before out-of-memory before a timeout.
    package init(worstOf artifacts: ArtifactCounts) {
        if artifacts.crash + artifacts.leak > 0 {
            self = .crashFound
        } else if artifacts.oom > 0 {
            self = .outOfMemoryFound
        } else if artifacts.timeout > 0 {
            self = .timeoutFound
        } else {
            self = .success
        }
    }
}

/// The end of a command that failed: one line for the user, and the code of the process.
///
/// Runners throw it; `fuzzd` prints `fuzzd: ` and the message to standard error and ends with the code.
package struct CommandFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package var exitCode: FuzzdExitCode
    /// One line: what failed, where (file, line, flag), and what to do about it.
    package var message: String

    package init(_ exitCode: FuzzdExitCode, _ message: String) {
        self.exitCode = exitCode
        self.message = message
    }

    package var description: String { message }
}
