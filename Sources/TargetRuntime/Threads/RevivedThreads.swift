import CForkServerABI
import CTargetRuntime

/// The target's threads in a runner, started again from where they were parked in the machine parent.
///
/// A thread that did nothing during an input still waits in the system call that it waited in at the snapshot, and is left
/// alone; any other is parked while memory is put back, and goes on from its place at the snapshot. One that slept there sleeps
/// where it is parked, for a while that most inputs do not last: it costs nothing. Owned by one runner, in
/// memory that is not put back.
struct RevivedThreads {
    private let parked: ParkedThreads
    private let watches: UnsafeMutablePointer<ThreadWatch>
    /// Threads that had to be parked after an input, since the snapshot.
    private(set) var parkedCount: UInt64 = 0

    private static var parkingNanoseconds: Int64 { 200_000_000 }

    /// In a fresh copy of the machine parent: starts all its threads, parked. `nil` with errno set when that fails.
    static func revive(_ original: ParkedThreads) -> RevivedThreads? {
        let stackBytes = FUZZD_THREAD_STACK_BYTES
        guard let memory = mapUntracked(bytes: MemoryLayout<fuzzd_parked_threads>.size),
            let watches = mapUntracked(bytes: original.count * MemoryLayout<ThreadWatch>.stride),
            let stacks = mapUntracked(bytes: original.count * stackBytes)
        else { return nil }
        fuzzd_copy(memory, original.table, MemoryLayout<fuzzd_parked_threads>.size)
        let table = memory.assumingMemoryBound(to: fuzzd_parked_threads.self)
        table.pointee.is_in_parent = 0
        fuzzd_set_parked_threads(table)
        let threads = RevivedThreads(
            parked: ParkedThreads(table: table), watches: watches.assumingMemoryBound(to: ThreadWatch.self))
        for index in 0..<original.count {
            let thread = threads.parked[index]
            thread.pointee.stack_end = UInt64(UInt(bitPattern: stacks)) + UInt64((index + 1) * stackBytes)
            guard fuzzd_revive(thread) == 0, let watch = ThreadWatch(of: thread) else { return nil }
            watches.assumingMemoryBound(to: ThreadWatch.self)[index] = watch
        }
        return threads
    }

    private init(parked: ParkedThreads, watches: UnsafeMutablePointer<ThreadWatch>) {
        self.parked = parked
        self.watches = watches
    }

    var count: Int { parked.count }

    /// Lets all parked threads go on.
    func release() {
        for index in 0..<count where watches[index].isParked {
            watches[index].isParked = false
            watches[index].isAtHome = false
            fuzzd_release(parked[index])
        }
    }

    /// Lets all threads run where the first one has been told to.
    func followPlacement() {
        for index in 0..<count { fuzzd_use_chosen_processors(parked[index].pointee.thread_id) }
    }

    /// Before an input: looks which threads wait again where they waited at the snapshot.
    func noteWhoIsAtHome() {
        for index in 0..<count where !watches[index].isAtHome {
            watches[index].noteHome()
        }
    }

    /// After an input: parks all threads that did anything; false when one is gone or does not come.
    mutating func parkWhoMoved() -> Bool {
        var isAnotherLookDue = true
        while isAnotherLookDue {
            isAnotherLookDue = false
            for index in 0..<count where !watches[index].isParked && !watches[index].isUnmoved {
                if fuzzd_park_asleep(parked[index]) != 0 {
                    watches[index].isParked = true
                    continue
                }
                guard fuzzd_park(parked[index], Self.parkingNanoseconds) == 0 else { return false }
                watches[index].isParked = true
                parkedCount &+= 1
                // It may have woken another one before it was parked.
                isAnotherLookDue = count > 1
            }
        }
        return true
    }
}
