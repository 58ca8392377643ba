import CForkServerABI
import CTargetRuntime

// The only file of the project that forks: by glibc's `fork`, which runs the target's own fork handlers and puts glibc's locks in order, but
// for the runners of a snapshot whose threads are parked and come along, and for targets that have neither threads nor handlers. The
// machine parent has one thread of ours: none was ever started.

extension ForkServer {
    /// Forks a child that runs `body` and ends; returns its process id, or -1 with errno set.
    ///
    /// Where threads are parked the kernel copies the process past glibc, which would prepare for losing them: the child
    /// starts them again.
    @inline(__always)
    func forkChild(_ body: () -> Void) -> pid_t {
        let parent = getpid()
        let child =
            if let threads {
                fuzzd_copy_process(threads.table)
            } else {
                fuzzd_forks_leanly() != 0 ? fuzzd_lean_fork() : forkWithHandlers()
            }
        guard child == 0 else { return child }
        fuzzd_begin_child(parent)
        body()
        fuzzd_end_child()
    }

    /// glibc's `fork` with all handlers, past MemorySanitizer's interceptor where there is one thread: that takes the lock of
    /// every bucket of its tables, which makes parent and child copy 8 MiB page by page.
    @inline(__always)
    private func forkWithHandlers() -> pid_t {
        fuzzd_passes_interceptor() != 0 ? fuzzd_libc_fork() : fork()
    }

    /// Forks the machine parent of another worker, which returns true in it; false in this process.
    ///
    /// Forked twice, so that the sibling is nobody's child here: this worker's `wait` calls must only ever see
    /// what its own children left behind.
    func forkSibling() -> Bool {
        _ = fuzzd_set_subreaper(0)
        let between = if let threads { fuzzd_copy_process(threads.table) } else { fork() }
        if between == 0 {
            let sibling = if let threads { fuzzd_copy_process(threads.table) } else { fork() }
            if sibling == 0 { return true }
            _exit(0)
        }
        if between > 0 { _ = waitpid(between, nil, 0) }
        _ = fuzzd_set_subreaper(1)
        return false
    }

    /// A bare fork, `_exit`, wait loop in this very process: the speed limit of the strategy `fork`.
    func measureBareFork(turns: UInt32) -> UInt64 {
        let start = monotonicNanoseconds()
        for _ in 0..<turns {
            let child = fork()
            if child == 0 { _exit(0) }
            _ = waitpid(child, nil, 0)
        }
        return monotonicNanoseconds() &- start
    }
}
