import CForkServerABI
import CTargetRuntime

/// The threads of a target, parked for good in the machine parent, so that each runner can start them again where they were.
///
/// Under `snapshot` only. Filled before the machine parents of other workers are forked; shared with them and constant.
struct ParkedThreads {
    let table: UnsafeMutablePointer<fuzzd_parked_threads>

    var count: Int { Int(table.pointee.count) }

    private static var settlingMicroseconds: UInt32 { 1000 }
    private static var settlingTurns: Int { 200 }
    private static var parkingNanoseconds: Int64 { 2_000_000_000 }

    /// Parks every thread but this one, each once it waits in a system call or has run for a while; `nil` when there is none.
    static func park() throws(RuntimeError) -> ParkedThreads? {
        guard ThreadList.count > 0 else { return nil }
        guard let memory = mapUntracked(bytes: MemoryLayout<fuzzd_parked_threads>.size) else {
            throw .failed(FUZZD_STEP_SNAPSHOT, errno: fuzzd_errno())
        }
        let table = memory.assumingMemoryBound(to: fuzzd_parked_threads.self)
        let parked = ParkedThreads(table: table)
        ThreadList.forEach { parked.add($0) }
        guard parked.count <= FUZZD_MAX_PARKED_THREADS else {
            throw .failed(FUZZD_STEP_SNAPSHOT, errno: E2BIG)
        }
        table.pointee.is_in_parent = 1
        fuzzd_set_parked_threads(table)
        var cause = fuzzd_install_park_handler()
        for index in 0..<parked.count where cause == 0 {
            let thread = parked[index]
            thread.pointee.blocked_call = settle(thread.pointee.thread_id)
            cause = fuzzd_park(thread, parkingNanoseconds)
        }
        guard cause == 0 else { throw .failed(FUZZD_STEP_SNAPSHOT, errno: cause) }
        return parked
    }

    subscript(index: Int) -> UnsafeMutablePointer<fuzzd_parked_thread> {
        fuzzd_parked_thread_at(table, index)
    }

    /// One more is counted than there is room for, for the caller to see.
    private func add(_ thread: Int32) {
        if count < FUZZD_MAX_PARKED_THREADS { self[count].pointee.thread_id = thread }
        table.pointee.count = min(table.pointee.count + 1, UInt32(FUZZD_MAX_PARKED_THREADS) + 1)
    }

    /// Waits until the thread waits in one and the same system call; that call's number, or -1 if it goes on running.
    private static func settle(_ thread: Int32) -> Int64 {
        var last: Int64 = -1
        for _ in 0..<settlingTurns {
            var call: Int64 = -1
            ThreadList.withTaskFile(thread, "/syscall") { text, _ in
                guard text.pointee >= 48, text.pointee <= 57 else { return }
                call = Int64(strtoull(text, nil, 10))
            }
            if call >= 0, call == last { return call }
            last = call
            usleep(settlingMicroseconds)
        }
        return -1
    }
}
