import Glibc

/// How to start another program with posix_spawn(3): the one place of the daemon's side that does it, as the daemon never forks.
package struct ProgramStart {
    /// What a descriptor of the new program is.
    package enum Source {
        /// A copy of one of this process, without its close-on-exec flag.
        case copy(Int32)
        case file(path: String, flags: Int32, mode: mode_t)

        /// `/dev/null`, for reading and writing.
        package static let nothing = Source.file(path: "/dev/null", flags: O_RDWR, mode: 0)
    }

    /// Whose signals from the terminal the program gets, and with what it can be ended together.
    package enum Group {
        case ofThisProcess
        /// A process group of its own, led by it.
        case own
        /// A session of its own, away from the terminal.
        case ownSession
    }

    package var path: String
    /// With the program's own name before them.
    package var arguments: [String]
    /// `NAME=value`.
    package var environment: [String]
    /// Made in this order; what is not named is as this process has it, unless it closes on execution.
    package var descriptors: [(number: Int32, source: Source)]
    package var group: Group
    /// Whether no signal is blocked and each has its default action, whatever holds for this process.
    package var resetsSignals: Bool

    package init(
        path: String, arguments: [String], environment: [String], descriptors: [(number: Int32, source: Source)], group: Group,
        resetsSignals: Bool
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.descriptors = descriptors
        self.group = group
        self.resetsSignals = resetsSignals
    }

    /// An errno of posix_spawn(3).
    package struct Failure: Error {
        package var errorNumber: Int32

        package var text: String { String(cString: strerror(errorNumber)) }
    }

    /// `POSIX_SPAWN_SETSID` of glibc's spawn.h, which is hidden from Swift.
    private static let setSession: Int32 = 0x80

    /// Returns the process id, of which the caller takes care.
    package func start() throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (number, source) in descriptors {
            switch source {
            case .copy(let own): posix_spawn_file_actions_adddup2(&actions, own, number)
            case .file(let path, let flags, let mode): posix_spawn_file_actions_addopen(&actions, number, path, flags, mode)
            }
        }
        setAttributes(&attributes)
        var process: pid_t = 0
        let result = withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                posix_spawn(&process, path, &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else { throw Failure(errorNumber: result) }
        return process
    }

    private func setAttributes(_ attributes: inout posix_spawnattr_t) {
        var flags: Int32 =
            switch group {
            case .ofThisProcess: 0
            case .own: Int32(POSIX_SPAWN_SETPGROUP)
            case .ownSession: Self.setSession
            }
        if resetsSignals {
            flags |= Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
            var none = sigset_t()
            var all = sigset_t()
            sigemptyset(&none)
            sigfillset(&all)
            posix_spawnattr_setsigmask(&attributes, &none)
            posix_spawnattr_setsigdefault(&attributes, &all)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    /// Calls `body` with a null-terminated vector of C strings that live as long as the call.
    private func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var vector: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        vector.append(nil)
        defer { for pointer in vector { free(pointer) } }
        return vector.withUnsafeBufferPointer { buffer in
            // A vector always has its terminator, so the buffer has a base address.
            guard let base = buffer.baseAddress else { preconditionFailure("empty vector") }
            return body(base)
        }
    }
}
