import CForkServerABI
import CTargetRuntime

/// The processes below this one, read from `/proc` (proc(5)). Used by the machine parent only.
///
/// The machine parent is a subreaper, so whatever a child leaves behind becomes its own child, even after
/// `setsid` or a double fork.
package enum ProcessTree {
    /// Kills and reaps everything below this process; returns whether there was anything.
    @discardableResult
    package static func endDescendants() -> Bool {
        var wasAnything = false
        while true {
            let reaped = fuzzd_reap_any()
            if reaped < 0 { return wasAnything }
            wasAnything = true
            if reaped > 0 { continue }
            let killed = forEachChild(of: getpid()) { process in
                kill(-process, SIGKILL)
                kill(process, SIGKILL)
                return true
            }
            if killed == 0 { return true }
            _ = waitpid(-1, nil, 0)
        }
    }

    /// The same, but for one child, which is neither killed nor reaped.
    static func endDescendants(sparing spared: pid_t) -> Bool {
        var wasAnything = false
        while true {
            var found = 0
            _ = forEachChild(of: getpid()) { process in
                guard process != spared else { return true }
                found += 1
                kill(-process, SIGKILL)
                kill(process, SIGKILL)
                while waitpid(process, nil, 0) < 0, fuzzd_errno() == EINTR {}
                return true
            }
            if found == 0 { return wasAnything }
            wasAnything = true
        }
    }

    /// Processes from `root` down, counted no further than just past `limit`.
    package static func processCount(from root: pid_t, limit: Int) -> Int {
        count(root, limit: limit, depth: 0)
    }

    private static func count(_ process: pid_t, limit: Int, depth: Int) -> Int {
        var total = 1
        guard depth < 32 else { return total }
        _ = forEachChild(of: process) { child in
            total += count(child, limit: limit - total, depth: depth + 1)
            return total <= limit
        }
        return total
    }

    /// Resident memory; 0 once the process is gone.
    package static func residentBytes(of process: pid_t) -> UInt64 {
        var text = ProcText(process, "/statm", nil)
        defer { text.close() }
        _ = text.nextDecimal()
        return (text.nextDecimal() ?? 0) &* UInt64(FUZZD_PAGE_BYTES)
    }

    /// Calls `body` for each child of the process's first thread until it returns false; returns the number seen.
    private static func forEachChild(of process: pid_t, _ body: (pid_t) -> Bool) -> Int {
        var text = ProcText(process, "/task/", process, "/children")
        defer { text.close() }
        var seen = 0
        while let child = text.nextDecimal() {
            seen += 1
            if !body(pid_t(truncatingIfNeeded: child)) { break }
        }
        return seen
    }
}

/// The children of this process's first thread, from a file that stays open (`/proc/PID/task/TID/children`). It names those that
/// have ended and are not reaped too.
struct ChildList {
    private let descriptor: Int32

    static func open() -> ChildList? {
        let opened = fuzzd_open_children()
        guard opened >= 0 else { return nil }
        let descriptor = fuzzd_move_descriptor(opened, Descriptors.firstOwn)
        return descriptor >= 0 ? ChildList(descriptor: descriptor) : nil
    }

    /// Whether that child is the only one. False as well when the list cannot be read.
    func isOnly(_ process: pid_t) -> Bool { fuzzd_is_only_child(descriptor, process) != 0 }
}

/// Decimal numbers out of a small `/proc` file, without allocating from the target's heap.
private struct ProcText {
    private var descriptor: Int32
    private var buffer: UInt64 = 0
    private var storage: UnsafeMutableRawPointer?
    private var length = 0
    private var position = 0
    private static var storageBytes: Int { 16384 }

    init(_ process: pid_t, _ middle: StaticString, _ second: pid_t?, _ last: StaticString = "") {
        descriptor = -1
        storage = mapPrivate(bytes: Self.storageBytes)
        guard let storage else { return }
        let path = storage.assumingMemoryBound(to: CChar.self)
        var end = 0
        Self.append("/proc/", to: path, &end)
        Self.append(UInt64(process), to: path, &end)
        Self.append(middle, to: path, &end)
        if let second { Self.append(UInt64(second), to: path, &end) }
        Self.append(last, to: path, &end)
        path[end] = 0
        descriptor = fuzzd_open_for_reading(path)
        guard descriptor >= 0 else { return }
        length = max(0, read(descriptor, storage, Self.storageBytes))
    }

    mutating func close() {
        if descriptor >= 0 { _ = CTargetRuntime.close(descriptor) }
        if let storage { fuzzd_unmap(storage, Self.storageBytes) }
        storage = nil
    }

    mutating func nextDecimal() -> UInt64? {
        guard let storage else { return nil }
        let text = storage.assumingMemoryBound(to: UInt8.self)
        while position < length, text[position] < 48 || text[position] > 57 { position += 1 }
        guard position < length else { return nil }
        var value: UInt64 = 0
        while position < length, text[position] >= 48, text[position] <= 57 {
            value = value &* 10 &+ UInt64(text[position] &- 48)
            position += 1
        }
        return value
    }

    private static func append(_ text: StaticString, to path: UnsafeMutablePointer<CChar>, _ end: inout Int) {
        text.withUTF8Buffer { bytes in
            for byte in bytes {
                path[end] = CChar(bitPattern: byte)
                end += 1
            }
        }
    }

    private static func append(_ value: UInt64, to path: UnsafeMutablePointer<CChar>, _ end: inout Int) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            path[end] = CChar(truncatingIfNeeded: 48 + value / divisor % 10)
            end += 1
            divisor /= 10
        }
    }
}
