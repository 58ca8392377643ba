import Glibc

/// A failure of a file, directory or database that the daemon keeps for a campaign.
///
/// One type for the whole module. `description` is one line that names the path and says what to do; it is
/// meant to be printed as it is. Thrown in the daemon only.
package struct StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being done when it failed.
    package enum Step: String, Sendable {
        case listDirectory = "list directory"
        case createDirectory = "create directory"
        case readFile = "read"
        case writeFile = "write into directory"
        case removeFile = "remove"
        case lock
        case database = "use database"
        case counters = "use counter file"
    }

    package var step: Step
    /// The file or directory concerned; for writes the directory, because that is where room is missing.
    package var path: String
    /// The system's error number, or `nil` where the cause is not a system call.
    package var code: Int32?
    /// What the system call cannot say: the other process, the name of the call, the database's message.
    package var detail: String?

    package init(step: Step, path: String, code: Int32? = nil, detail: String? = nil) {
        self.step = step
        self.path = path
        self.code = code
        self.detail = detail
    }

    /// No room, no quota left, or a file size limit: the campaign may go on in memory and try again later.
    package var isDiskFull: Bool {
        code == ENOSPC || code == EDQUOT || code == EFBIG
    }

    /// Two daemons on one corpus.
    package var isLockedByAnother: Bool { step == .lock && code == EWOULDBLOCK }

    package var description: String {
        if isLockedByAnother {
            return
                "directory '\(path)' is in use by \(detail ?? "another daemon"); stop it or use another directory"
        }
        var line = "cannot \(step.rawValue) '\(path)'"
        if let code { line += ": \(describe(errorCode: code))" }
        if let detail { line += " (\(detail))" }
        return line + advice
    }

    private var advice: String {
        switch code {
        case ENOSPC, EDQUOT: "; make room on that file system"
        case EFBIG: "; raise the file size limit of this shell (ulimit -f)"
        case EACCES, EPERM: "; check its owner and permissions"
        case EROFS: "; name a writable directory"
        case ENOTDIR: "; a directory is needed here, not a file"
        case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n)"
        default: ""
        }
    }
}

/// The system's text for an error number, for example `No space left on device`.
package func describe(errorCode: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    return buffer.withUnsafeMutableBufferPointer { text in
        guard let base = text.baseAddress, strerror_r(errorCode, base, text.count) == 0 else {
            return "error \(errorCode)"
        }
        return String(cString: base)
    }
}
