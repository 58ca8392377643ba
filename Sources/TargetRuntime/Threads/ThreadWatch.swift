import CForkServerABI
import CTargetRuntime

/// Tells whether a thread has run since it was seen waiting: by what it waits in and the CPU time that it has used.
struct ThreadWatch {
    var isParked = true
    /// It waits in its home, the call that it waited in at the snapshot, since `homeTime`.
    var isAtHome = false
    private let thread: Int32
    private let descriptor: Int32
    private let homeCall: Int64
    /// CPU time in nanoseconds.
    private var homeTime: UInt64 = 0

    /// `nil` with errno set when the kernel does not tell what the thread waits in.
    init?(of parked: UnsafeMutablePointer<fuzzd_parked_thread>) {
        thread = parked.pointee.thread_id
        let path = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        var opened: Int32 = -1
        withUnsafePointer(to: path) {
            $0.withMemoryRebound(to: CChar.self, capacity: 64) { text in
                let text = UnsafeMutablePointer(mutating: text)
                fuzzd_task_path(text, 64, parked.pointee.thread_id, cString("/syscall"))
                opened = fuzzd_open_for_reading(text)
            }
        }
        guard opened >= 0 else { return nil }
        descriptor = fuzzd_move_descriptor(opened, Descriptors.firstOwn)
        guard descriptor >= 0 else { return nil }
        homeCall = fuzzd_waits_for_ever(parked) != 0 ? parked.pointee.blocked_call : -1
    }

    /// Whether it has not run since it was seen at home.
    var isUnmoved: Bool {
        isAtHome && fuzzd_thread_time(thread) == homeTime && currentCall == homeCall
    }

    mutating func noteHome() {
        guard homeCall >= 0 else { return }
        let time = fuzzd_thread_time(thread)
        guard currentCall == homeCall, fuzzd_thread_time(thread) == time else { return }
        homeTime = time
        isAtHome = true
    }

    /// The number of the call that it waits in; -1 while it runs or when it is gone.
    private var currentCall: Int64 {
        var text = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        return withUnsafeMutablePointer(to: &text) {
            $0.withMemoryRebound(to: UInt8.self, capacity: 32) { text in
                guard fuzzd_raw_pread(descriptor, text, 31, 0) > 0, text[0] >= 48, text[0] <= 57 else { return -1 }
                var number: Int64 = 0
                var index = 0
                while index < 31, text[index] >= 48, text[index] <= 57 {
                    number = number * 10 + Int64(text[index] - 48)
                    index += 1
                }
                return number
            }
        }
    }
}
