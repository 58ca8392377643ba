import Foundation
import Glibc

/// `-jobs=N`: N campaigns, `-workers` of them at a time, each a process with its output in `fuzz-N.log`.
struct LibFuzzerJobs {
    let session: LibFuzzerSession

    func run() throws -> Int32 {
        let jobs = session.arguments["jobs"]
        let processors = max(1, ProcessInfo.processInfo.activeProcessorCount)
        let given = session.arguments["workers"]
        let workers = max(1, min(jobs, given > 0 ? given : max(1, processors / 2)))
        if given == 0, workers > 1 { session.log.say("Running \(workers) workers") }
        var running: [pid_t: Int] = [:]
        var started = 0
        var hasFailed = false
        while started < jobs || !running.isEmpty {
            while started < jobs, running.count < workers, !hasFailed || running.isEmpty {
                running[try spawn(job: started)] = started
                started += 1
            }
            var status: Int32 = 0
            let ended = waitpid(-1, &status, 0)
            if ended < 0, errno == EINTR { continue }
            guard let job = running.removeValue(forKey: ended) else { continue }
            let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
            hasFailed = hasFailed || code != 0
            session.log.tell("================== Job \(job) exited with exit code \(code) ============")
            session.log.raw(session.contents(of: "fuzz-\(job).log") ?? [])
        }
        return hasFailed ? LibFuzzerExitCode.failure : LibFuzzerExitCode.success
    }

    private func spawn(job: Int) throws -> pid_t {
        let arguments = session.options.arguments.filter { !$0.hasPrefix("-jobs=") && !$0.hasPrefix("-workers=") }
        let shown = ([session.options.argumentZero] + arguments).joined(separator: " ")
        let logPath = "fuzz-\(job).log"
        session.log.say("\(shown) >\(logPath) 2>&1")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, logPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var process: pid_t = 0
        let words = ["fuzzd", "libfuzzer", session.options.harnessPath, session.options.argumentZero] + arguments
        let result = withCStrings(words) { vector in
            posix_spawn(&process, "/proc/self/exe", &actions, nil, UnsafeMutablePointer(mutating: vector), environ)
        }
        guard result == 0 else {
            throw LibFuzzerFailure(message: "ERROR: fuzzd: cannot start job \(job): \(String(cString: strerror(result)))")
        }
        return process
    }
}
