import CForkServerABI
import CTargetRuntime

/// The threads that a target started before it serves: `fork` loses them, so the user is told.
package enum ThreadList {
    /// Lists them in the modules file: id, name, and start routine where the archive's `pthread_create` saw it.
    package static func write(to header: UnsafeMutablePointer<fuzzd_modules_header>) {
        let table = UnsafeMutableRawPointer(header).advanced(by: Int(header.pointee.threads_offset))
            .assumingMemoryBound(to: fuzzd_thread.self)
        var found: UInt32 = 0
        forEach { thread in
            if found < FUZZD_MAX_THREADS {
                let entry = table.advanced(by: Int(found))
                entry.pointee.thread_id = thread
                entry.pointee.start_routine = MemoryMap.mapping(at: stackPointer(of: thread)).map {
                    UInt64(UInt(bitPattern: fuzzd_thread_start_routine($0.start, $0.end)))
                } ?? 0
                readName(of: thread, into: fuzzd_thread_name(entry))
            }
            found += 1
        }
        header.pointee.thread_count = found
    }

    /// What a lost thread's stack points to is no leak of an input. The stack's mapping also holds its thread-local
    /// variables (glibc).
    static func keepStacksReachable() {
        forEach { thread in
            guard let stack = MemoryMap.mapping(at: stackPointer(of: thread)) else { return }
            fuzzd_keep_reachable(UnsafeRawPointer(bitPattern: stack.start), Int(stack.end - stack.start))
        }
    }

    /// Threads of this process besides its first.
    package static var count: Int {
        var count = 0
        forEach { _ in count += 1 }
        return count
    }

    /// Calls `body` with the id of each thread but the first.
    static func forEach(_ body: (Int32) -> Void) {
        guard let directory = opendir(cString("/proc/self/task")) else { return }
        defer { closedir(directory) }
        let own = getpid()
        while let entry = readdir(directory) {
            guard let name = fuzzd_entry_name(entry), name.pointee != 46 else { continue }
            let thread = Int32(truncatingIfNeeded: strtoull(name, nil, 10))
            if thread != own { body(thread) }
        }
    }

    private static func readName(of thread: Int32, into name: UnsafeMutablePointer<CChar>?) {
        guard let name else { return }
        withTaskFile(thread, "/comm") { text, length in
            let count = min(15, max(0, length - 1))
            for index in 0..<count { name[index] = text[index] }
            name[count] = 0
        }
    }

    /// Where a thread's stack is: `/proc/self/task/ID/syscall` has the stack pointer last but one (proc(5)).
    private static func stackPointer(of thread: Int32) -> UInt {
        var result: UInt = 0
        // A thread that happens to run has none; it is asked again.
        for _ in 0..<50 where result == 0 {
            withTaskFile(thread, "/syscall") { text, length in
                guard let last = strrchr(text, 32) else { return }
                last.pointee = 0
                guard let before = strrchr(text, 32) else { return }
                result = UInt(strtoull(before + 1, nil, 16))
            }
            if result == 0 { usleep(1000) }
        }
        return result
    }

    /// Calls `body` with the terminated contents of a file of `/proc/self/task/THREAD` and their length.
    static func withTaskFile(
        _ thread: Int32, _ name: StaticString, _ body: (UnsafeMutablePointer<CChar>, Int) -> Void
    ) {
        guard let memory = mapPrivate(bytes: 4096) else { return }
        defer { fuzzd_unmap(memory, 4096) }
        let text = memory.assumingMemoryBound(to: CChar.self)
        fuzzd_task_path(text, 4096, thread, cString(name))
        let descriptor = fuzzd_open_for_reading(text)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = read(descriptor, memory, 4095)
        guard length > 0 else { return }
        text[length] = 0
        body(text, length)
    }
}
