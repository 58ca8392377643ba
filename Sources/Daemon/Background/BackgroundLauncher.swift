import ForkServer
import Glibc

/// Starts this program again in the background and waits until it is up.
///
/// Runs in the command that the user typed. The daemon is spawned, never forked, as the leader of a
/// session of its own, with its output in a log file. A pipe tells when it is ready; if it ends before, so
/// does the wait.
package enum BackgroundLauncher {
    /// Starts `arguments` without `--detach`, says where the daemon is and how to stop it, and returns.
    ///
    /// - Throws: `CommandFailure` with the daemon's own exit code and the end of its log.
    package static func launchWithoutDetachFlag(arguments: [String]) throws {
        var arguments = arguments.filter { $0 != "--detach" }
        if !arguments.contains("--plain") { arguments.append("--plain") }
        let directory = StateDirectory.path
        try StateDirectory.create(at: directory)
        let outcome = try launch(executable: "/proc/self/exe", arguments: arguments, logDirectory: directory)
        guard outcome.isRunning else {
            print("fuzzd ended already, without an error; its output is in \(outcome.logPath)")
            return
        }
        print("fuzzd runs in the background, pid \(outcome.processID)")
        print("log:    \(outcome.logPath)")
        print("status: fuzzd status")
        print("stop:   fuzzd stop    (or: kill \(outcome.processID))")
    }

    /// A daemon that did not fail.
    package struct Launched: Sendable {
        package var processID: Int32
        package var logPath: String
        /// False when it had nothing more to do and ended already, with code 0.
        package var isRunning: Bool
    }

    /// Spawns and waits for the first word of the daemon.
    package static func launch(
        executable: String, arguments: [String], logDirectory: String
    ) throws -> Launched {
        let logPath = logDirectory + "/fuzzd-\(time(nil))-\(getpid()).log"
        let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else {
            throw CommandFailure(.storageFailure, "cannot write the log \(logPath): \(lastErrorText())")
        }
        defer { close(log) }
        var pipeEnds: [Int32] = [0, 0]
        guard pipe(&pipeEnds) == 0 else {
            throw CommandFailure(.failure, "cannot start in the background: pipe: \(lastErrorText())")
        }
        for end in pipeEnds { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(pipeEnds[0]) }
        let processID = spawn(
            executable: executable, arguments: arguments, output: log, readiness: pipeEnds[1])
        close(pipeEnds[1])
        var launched = Launched(processID: try processID.get(), logPath: logPath, isRunning: false)
        launched.isRunning = try awaitReadiness(of: launched, on: pipeEnds[0])
        return launched
    }

    private static func spawn(
        executable: String, arguments: [String], output: Int32, readiness: Int32
    ) -> Result<Int32, CommandFailure> {
        closeInheritedDescriptorsOnExecution()
        let environment = currentEnvironment().filter { !$0.hasPrefix(ReadinessSignal.environmentKey + "=") }
        let start = ProgramStart(
            path: executable, arguments: arguments,
            environment: environment + ["\(ReadinessSignal.environmentKey)=\(inheritedDescriptor)"],
            // On equal numbers dup2 clears close-on-exec all the same: posix_spawn promises it.
            descriptors: [
                (0, .file(path: "/dev/null", flags: O_RDONLY, mode: 0)), (1, .copy(output)), (2, .copy(output)),
                (inheritedDescriptor, .copy(readiness)),
            ], group: .ownSession, resetsSignals: false)
        do {
            return .success(try start.start())
        } catch {
            return .failure(CommandFailure(.failure, "cannot start in the background: \(error.text)"))
        }
    }

    /// Whoever waits for the end of a pipe that this command inherited must not wait for the daemon's.
    private static func closeInheritedDescriptorsOnExecution() {
        guard let directory = opendir("/proc/self/fd") else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let descriptor = Int32(name), descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
    }

    /// True when the daemon is up, false when it had nothing to do and ended well.
    private static func awaitReadiness(of launched: Launched, on descriptor: Int32) throws -> Bool {
        var byte: UInt8 = 0
        var count = read(descriptor, &byte, 1)
        while count < 0 && errno == EINTR { count = read(descriptor, &byte, 1) }
        if count == 1 { return true }
        // The pipe closed without a word: the daemon ended, or is about to.
        var status: Int32 = 0
        while waitpid(launched.processID, &status, 0) < 0 && errno == EINTR {}
        let code = (status & 0x7f) == 0 ? (status >> 8) & 0xff : 1
        if code == 0 { return false }
        var reason = lastLine(ofFile: launched.logPath) ?? "it left no word"
        if reason.hasPrefix("fuzzd: ") { reason.removeFirst("fuzzd: ".count) }
        throw CommandFailure(
            FuzzdExitCode(rawValue: code) ?? .failure,
            "the daemon did not start: \(reason) (log: \(launched.logPath))")
    }

    /// Where the daemon finds the pipe.
    private static let inheritedDescriptor: Int32 = 3
}
