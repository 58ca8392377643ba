import Foundation
import Storage
import Synchronization

/// A directory for one test, removed afterwards.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/fuzzd-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw CocoaError(.fileWriteUnknown) }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], _ name: String) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
    }

    /// Every file below, hidden ones too, as relative paths.
    func files() -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: path) else { return [] }
        return walk.compactMap { $0 as? String }.filter {
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: path + "/" + $0, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }.sorted()
    }
}

/// SplitMix64: small, seeded, good enough for tests.
struct TestGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}

/// The real file system with faults: the n-th call fails, writes are cut short, the disk has only so much room.
final class FaultyFileSystem: FileSystem {
    struct Plan {
        /// Number of the call that fails (from 0), and its error number.
        var failingCall: Int?
        var code: Int32 = EIO
        /// From `failingCall` on every call of these names fails, not just one.
        var staysBroken = false
        /// Bytes that can still be written; beyond, ENOSPC. `nil`: no limit.
        var roomBytes: Int?
        /// At most so many bytes a write.
        var writeLimitBytes = Int.max
        /// Called before an open for reading.
        var beforeOpen: (@Sendable (String) -> Void)?
    }

    private struct State {
        var plan: Plan
        var calls = 0
        var bytesRead = 0
        var openDescriptors = 0
        var log: [String] = []
    }

    private let real = LinuxFileSystem()
    private let state: Mutex<State>

    init(_ plan: Plan = Plan()) { state = Mutex(State(plan: plan)) }

    var calls: Int { state.withLock { $0.calls } }
    var bytesRead: Int { state.withLock { $0.bytesRead } }
    var openDescriptors: Int { state.withLock { $0.openDescriptors } }
    /// Names of the calls so far, with the last component of their path.
    var log: [String] { state.withLock { $0.log } }

    func change(_ body: (inout Plan) -> Void) { state.withLock { body(&$0.plan) } }

    private func enter(_ call: String, _ path: String = "") throws(SystemCallError) {
        let code: Int32? = state.withLock { state in
            defer { state.calls += 1 }
            state.log.append(call + " " + (path.split(separator: "/").last.map(String.init) ?? ""))
            guard let failing = state.plan.failingCall else { return nil }
            let fails = state.plan.staysBroken ? state.calls >= failing : state.calls == failing
            return fails ? state.plan.code : nil
        }
        if let code { throw SystemCallError(call: call, code: code) }
    }

    func open(_ path: String, flags: Int32, mode: UInt32) throws(SystemCallError) -> Int32 {
        try enter("open", path)
        let hook = state.withLock { $0.plan.beforeOpen }
        if flags & O_ACCMODE == O_RDONLY { hook?(path) }
        let descriptor = try real.open(path, flags: flags, mode: mode)
        state.withLock { $0.openDescriptors += 1 }
        return descriptor
    }

    func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int
    {
        try enter("read")
        let count = try real.read(descriptor, into: buffer)
        state.withLock { $0.bytesRead += count }
        return count
    }

    func write(_ descriptor: Int32, from buffer: UnsafeRawBufferPointer) throws(SystemCallError) -> Int {
        try enter("write")
        let allowed = state.withLock { state in
            let allowed = min(buffer.count, state.plan.writeLimitBytes, state.plan.roomBytes ?? Int.max)
            state.plan.roomBytes? -= allowed
            return allowed
        }
        guard allowed > 0 || buffer.isEmpty else { throw SystemCallError(call: "write", code: ENOSPC) }
        return try real.write(descriptor, from: UnsafeRawBufferPointer(rebasing: buffer[..<allowed]))
    }

    func synchronize(_ descriptor: Int32) throws(SystemCallError) {
        try enter("fsync")
        try real.synchronize(descriptor)
    }

    func close(_ descriptor: Int32) throws(SystemCallError) {
        // As on Linux, the number is free even when close reports an error.
        state.withLock { $0.openDescriptors -= 1 }
        try real.close(descriptor)
        try enter("close")
    }

    func status(of descriptor: Int32) throws(SystemCallError) -> FileStatus {
        try enter("fstat")
        return try real.status(of: descriptor)
    }

    func rename(_ source: String, to destination: String) throws(SystemCallError) {
        try enter("rename", destination)
        try real.rename(source, to: destination)
    }

    func link(_ descriptor: Int32, to path: String) throws(SystemCallError) {
        try enter("linkat", path)
        try real.link(descriptor, to: path)
    }

    func remove(_ path: String) throws(SystemCallError) {
        try enter("unlink", path)
        try real.remove(path)
    }

    func makeDirectory(_ path: String, mode: UInt32) throws(SystemCallError) {
        try enter("mkdir", path)
        try real.makeDirectory(path, mode: mode)
    }

    func entries(of path: String) throws(SystemCallError) -> [DirectoryEntry] {
        try enter("opendir", path)
        return try real.entries(of: path)
    }

    func isAlive(processIdentifier: Int32) -> Bool { real.isAlive(processIdentifier: processIdentifier) }
}
