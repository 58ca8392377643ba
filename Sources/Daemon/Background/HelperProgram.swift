import Glibc

/// A program that the daemon starts for a task of its own: a symboliser, a QEMU.
///
/// It has a process group of its own, so that Ctrl-C on the terminal is for the daemon and that it can be ended with everything
/// that it started, and no signal blocked or ignored.
struct HelperProgram {
    var path: String
    var arguments: [String]
    var environment: [String] = currentEnvironment()

    /// Starts it with these descriptors as its standard input, output and errors; `nil` is `/dev/null`. Returns the process id, of
    /// which the caller takes care, or the errno of posix_spawn(3).
    func start(input: Int32?, output: Int32?, errors: Int32?) -> Result<pid_t, ErrorNumber> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (own, theirs) in [(input, Int32(0)), (output, 1), (errors, 2)] {
            if let own {
                posix_spawn_file_actions_adddup2(&actions, own, theirs)
            } else {
                posix_spawn_file_actions_addopen(&actions, theirs, "/dev/null", O_RDWR, 0)
            }
        }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var process: pid_t = 0
        let result = withCStrings([path] + arguments) { arguments in
            withCStrings(environment) { environment in
                posix_spawn(&process, path, &actions, &attributes, arguments, environment)
            }
        }
        return result == 0 ? .success(process) : .failure(ErrorNumber(value: result))
    }

    struct ErrorNumber: Error {
        var value: Int32
    }
}
