import CForkServerABI
import Fuzzing

/// How one execution ended, in full; a copy, owned by the daemon.
package struct Verdict: Sendable {
    package enum Kind: String, Sendable, Codable {
        case passed, rejected, signalled, exited, inputTimeout, operationTimeout, outOfMemory, tooManyProcesses
        /// The machine parent could not fork; `exitCode` is errno.
        case forkFailed
        /// Memory was leaked; the sanitizer's report is in the output.
        case leaked
        /// A single allocation was larger than allowed.
        case mallocLimit
        /// A sanitizer reported and ended the child.
        case sanitizer

        init(abiValue: UInt32) {
            self =
                switch abiValue {
                case FUZZD_OUTCOME_PASSED.rawValue: .passed
                case FUZZD_OUTCOME_REJECTED.rawValue: .rejected
                case FUZZD_OUTCOME_SIGNALLED.rawValue: .signalled
                case FUZZD_OUTCOME_EXITED.rawValue: .exited
                case FUZZD_OUTCOME_INPUT_TIMEOUT.rawValue: .inputTimeout
                case FUZZD_OUTCOME_OPERATION_TIMEOUT.rawValue: .operationTimeout
                case FUZZD_OUTCOME_OUT_OF_MEMORY.rawValue: .outOfMemory
                case FUZZD_OUTCOME_TOO_MANY_PROCESSES.rawValue: .tooManyProcesses
                case FUZZD_OUTCOME_LEAKED.rawValue: .leaked
                case FUZZD_OUTCOME_MALLOC_LIMIT.rawValue: .mallocLimit
                case FUZZD_OUTCOME_SANITIZER.rawValue: .sanitizer
                default: .forkFailed
                }
        }
    }

    package var kind: Kind
    /// It was withdrawn in time, or what it needed did not come to pass: there was no child, so `kind` is `forkFailed`.
    package var isWithdrawn: Bool
    package var signal: Int32
    package var exitCode: Int32
    package var operations: UInt64
    package var timing: ExecutionTiming
    package var peakResidentKibibytes: UInt64
    /// Written by the dying child; `nil` if it could not.
    package var crash: CrashRecord?
    /// What the child printed, up to the cap.
    package var output: [UInt8]
    package var outputBytesTotal: UInt64
    /// Operands of `memcmp`, `strcmp` and kin, if the request asked for comparisons.
    package var wordComparisons: [WordComparison]
}

/// Where one execution's time went, in nanoseconds.
package struct ExecutionTiming: Sendable, Codable, Equatable {
    /// The machine parent waited for the input: the daemon's overhead.
    package var handOverNanoseconds: UInt64
    package var forkNanoseconds: UInt64
    package var childNanoseconds: UInt64
    package var reapNanoseconds: UInt64

    package var totalNanoseconds: UInt64 {
        handOverNanoseconds + forkNanoseconds + childNanoseconds + reapNanoseconds
    }
}

/// What the crashing child wrote about itself. Addresses are absolute, in the target's address space.
package struct CrashRecord: Sendable, Equatable {
    package var signal: Int32
    package var code: Int32
    package var faultAddress: UInt64
    package var programCounter: UInt64
    /// From the signal handler outwards; the faulting frame is the one equal to `programCounter`.
    package var frames: [UInt64]
}
