import CForkServerABI
import CTargetRuntime
import Glibc
import TargetRuntime
import Testing

/// Processes and threads below this one. Each in a process of its own, which ends what is below it.
@Suite("Processes and threads") struct ProcessTests {
    /// Starts `sh` with a script; 0 when that fails.
    private static func shell(_ script: String) -> pid_t {
        var child: pid_t = 0
        // Whoever holds the test's output open keeps the test from ending.
        let quiet = "exec >/dev/null 2>&1; " + script
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(quiet), nil]
        defer { arguments.forEach { free($0) } }
        return posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ) == 0 ? child : 0
    }

    private static func end(_ code: Int32) -> Never {
        ProcessTree.endDescendants()
        _exit(code)
    }

    /// Looks until something holds, at most ten seconds.
    private static func becomesTrue(_ condition: () -> Bool) -> Bool {
        for _ in 0..<5000 {
            if condition() { return true }
            usleep(2000)
        }
        return false
    }

    /// Starts a script's background processes, which are this process's own children afterwards: the kernel gives orphans to the
    /// first thread, whose children the runtime looks at, while a test's body runs on another.
    private static func startOrphans(_ script: String) -> Bool {
        guard fuzzd_set_subreaper(1) == 0 else { return false }
        let between = shell(script + " & exec true")
        return between > 0 && waitpid(between, nil, 0) == between
    }

    @Test func processesAreCountedToTheLimitAndNoFurther() async {
        await #expect(processExitsWith: .exitCode(7)) {
            // Four, one below the other.
            guard ProcessTests.startOrphans("(sleep 60 & (sleep 60 & wait) & wait)") else { ProcessTests.end(1) }
            guard ProcessTests.becomesTrue({ ProcessTree.processCount(from: getpid(), limit: 100) == 5 }) else {
                ProcessTests.end(2)
            }
            guard ProcessTree.processCount(from: getpid(), limit: 2) == 3 else { ProcessTests.end(3) }
            ProcessTree.endDescendants()
            guard ProcessTree.processCount(from: getpid(), limit: 100) == 1 else { ProcessTests.end(4) }
            _exit(7)
        }
    }

    @Test func everythingBelowIsEndedAndReaped() async {
        await #expect(processExitsWith: .exitCode(7)) {
            guard !ProcessTree.endDescendants() else { ProcessTests.end(1) }
            // One that ignores signals, one in a session of its own, one that has ended.
            let script = "(trap '' TERM INT HUP; while :; do sleep 60; done) & setsid sleep 60 & (exit 3)"
            guard ProcessTests.startOrphans(script) else { ProcessTests.end(2) }
            guard ProcessTests.becomesTrue({ ProcessTree.processCount(from: getpid(), limit: 100) >= 4 }) else {
                ProcessTests.end(3)
            }
            guard ProcessTree.endDescendants() else { ProcessTests.end(4) }
            guard waitpid(-1, nil, WNOHANG) == -1, errno == ECHILD else { ProcessTests.end(5) }
            guard ProcessTree.processCount(from: getpid(), limit: 100) == 1, !ProcessTree.endDescendants() else {
                ProcessTests.end(6)
            }
            _exit(7)
        }
    }

    @Test func residentMemoryIsThatOfTheProcess() {
        let before = ProcessTree.residentBytes(of: getpid())
        #expect(before > 1 << 20)
        let bytes = 64 << 20
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 4096)
        memset(memory, 1, bytes)
        let after = ProcessTree.residentBytes(of: getpid())
        #expect(after > before && after - before > 32 << 20)
        memory.deallocate()
        // No process has this number.
        #expect(ProcessTree.residentBytes(of: pid_t.max) == 0)
    }

    @Test func threadsAreFoundAndNamed() async {
        await #expect(processExitsWith: .exitCode(7)) {
            var thread = pthread_t()
            let started = pthread_create(
                &thread, nil,
                { _ in
                    let name = open("/proc/thread-self/comm", O_WRONLY)
                    write(name, "a-long-name-16x", 15)
                    while true { pause() }
                }, nil)
            guard started == 0, ThreadList.count > 0 else { _exit(1) }
            let bytes = 8192
            let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 4096)
            memset(memory, 0, bytes)
            let header = memory.assumingMemoryBound(to: fuzzd_modules_header.self)
            header.pointee.threads_offset = 4096
            let table = memory.advanced(by: 4096).assumingMemoryBound(to: fuzzd_thread.self)
            let isNamed = ProcessTests.becomesTrue {
                ThreadList.write(to: header)
                return (0..<Int(min(header.pointee.thread_count, FUZZD_MAX_THREADS))).contains { index in
                    let entry = table.advanced(by: index)
                    return fuzzd_thread_name(entry).map { String(cString: $0) } == "a-long-name-16x"
                        && entry.pointee.thread_id > 0 && entry.pointee.thread_id != getpid()
                }
            }
            _exit(isNamed ? 7 : 2)
        }
    }
}

@Suite("SIGCHLD and descriptors") struct HarnessSettingTests {
    @Test func theMachineParentTakesTheSignalAndChildrenGetItBack() async {
        await #expect(processExitsWith: .exitCode(7)) {
            var current = sigaction()
            fuzzd_take_child_signal()
            // The default is left alone.
            sigaction(SIGCHLD, nil, &current)
            guard current.__sigaction_handler.sa_handler == nil else { _exit(1) }
            signal(SIGCHLD, SIG_IGN)
            fuzzd_take_child_signal()
            sigaction(SIGCHLD, nil, &current)
            guard current.__sigaction_handler.sa_handler == nil else { _exit(2) }
            // A status is kept again.
            var child: pid_t = 0
            var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup("exit 5"), nil]
            var status: Int32 = 0
            guard posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ) == 0,
                waitpid(child, &status, 0) == child, fuzzd_status_exit_code(status) == 5
            else { _exit(3) }
            fuzzd_give_child_signal_back()
            guard posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ) == 0,
                waitpid(child, &status, 0) == -1, errno == ECHILD
            else { _exit(4) }
            _exit(7)
        }
    }

    @Test(arguments: [(1 << 20, 900), (932, 900), (931, 899), (200, 168), (64, 32), (20, 10)] as [(UInt, Int32)])
    func ownDescriptorsStayBelowTheHardLimit(limit: UInt, first: Int32) async {
        await #expect(processExitsWith: .exitCode(7)) { [limit = limit as UInt, first = first as Int32] in
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var current = rlimit()
            getrlimit(resource, &current)
            // In a child with one thread: those that wait for a descriptor trap where it is closed under them.
            let child = fork()
            var status: Int32 = 0
            guard child == 0 else { _exit(waitpid(child, &status, 0) == child ? fuzzd_status_exit_code(status) : 9) }
            // What the process that runs the tests left open would take the few numbers that the smallest limit leaves.
            for descriptor in 3..<256 as Range<Int32> { close(descriptor) }
            // A machine whose own limit is lower has nothing to say about the larger ones.
            guard current.rlim_max >= limit else { _exit(7) }
            var lowered = rlimit(rlim_cur: min(limit, 12), rlim_max: limit)
            guard setrlimit(resource, &lowered) == 0 else { _exit(1) }
            guard fuzzd_first_own_descriptor() == first else { _exit(2) }
            // Above the soft limit, which is as it was afterwards.
            let moved = fuzzd_move_descriptor(dup(0), fuzzd_first_own_descriptor())
            guard moved >= first, moved < Int32(limit) else { _exit(3) }
            getrlimit(resource, &current)
            guard current.rlim_cur == lowered.rlim_cur else { _exit(4) }
            guard fuzzd_move_descriptor(dup(0), Int32(limit)) == -1, fuzzd_errno() == EINVAL else { _exit(5) }
            _exit(7)
        }
    }
}
