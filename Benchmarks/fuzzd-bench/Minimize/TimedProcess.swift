import Foundation

/// A program that is run to its end and timed.
///
/// Not Foundation's `Process`: its `waitUntilExit` looks every 50 ms, and what is measured lasts about as long.
struct TimedProcess {
    var program: String
    var arguments: [String]
    var environment: [String: String]
    /// Where it runs.
    var directory: String
    /// File that gets both its outputs; what it held is gone.
    var log: String

    /// Seconds from start to end, as the kernel tells the end; `nil` where it cannot be started.
    func run() -> Double? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let words = ([program] + arguments).map { strdup($0) }
        let variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (words + variables).forEach { free($0) } }
        // What is spawned begins where this process is.
        let present = FileManager.default.currentDirectoryPath
        guard chdir(directory) == 0 else { return nil }
        defer { chdir(present) }
        var process: pid_t = 0
        let start = monotonicNanoseconds()
        guard posix_spawn(&process, program, &actions, nil, words + [nil], variables + [nil]) == 0 else { return nil }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return Double(monotonicNanoseconds() - start) / 1e9
    }
}
