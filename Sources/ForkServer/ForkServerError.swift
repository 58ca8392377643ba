import Glibc

/// Why a target could not be started or was lost. The message names the program and says what to do.
package struct ForkServerError: Error, Sendable, CustomStringConvertible {
    /// What failed; one case a remedy.
    package enum Step: String, Sendable {
        case findProgram, createSharedMemory, spawn, initialize, handshake, abiMismatch, noCoverage, parentLost
        /// The function at which inputs shall end is not in the program.
        case endOfInput
    }

    package let step: Step
    package let program: String
    /// errno of the call that failed, if one did.
    package let errorNumber: Int32?
    package let cause: String
    /// With which the target exited while it initialised, if that is what happened.
    package let exitStatus: Int32?

    package init(_ step: Step, program: String, errorNumber: Int32? = nil, cause: String, exitStatus: Int32? = nil) {
        self.step = step
        self.program = program
        self.errorNumber = errorNumber
        self.cause = cause
        self.exitStatus = exitStatus
    }

    package var description: String {
        let system = errorNumber.map { ": " + String(cString: strerror($0)) } ?? ""
        return "\(program): \(cause)\(system)"
    }
}
