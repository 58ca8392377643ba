import ForkServer
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
        let words = ["fuzzd", "libfuzzer", session.options.harnessPath, session.options.argumentZero] + arguments
        do {
            return try ProgramStart(
                path: "/proc/self/exe", arguments: words, environment: currentEnvironment(),
                descriptors: [(1, .file(path: logPath, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)), (2, .copy(1))],
                group: .ofThisProcess, resetsSignals: false
            ).start()
        } catch {
            throw LibFuzzerFailure(message: "ERROR: fuzzd: cannot start job \(job): \(error.text)")
        }
    }
}
