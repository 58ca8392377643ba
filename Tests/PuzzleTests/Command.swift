import Foundation

/// Runs programs; everything they print goes to a file, so that nothing they leave behind holds a pipe open.
enum Command {
    struct Result {
        /// Exit code; a signal's number negated; 124 or -9 if it took too long.
        var exit: Int32
        var output: String
        var seconds: Double
    }

    /// Ends the whole process group where the program takes longer than `seconds`.
    static func run(
        _ command: [String], in directory: String, environment: [String: String] = [:], seconds: Int
    ) throws -> Result {
        let log = NSTemporaryDirectory() + "fuzzd-puzzle-" + UUID().uuidString + ".log"
        defer { try? FileManager.default.removeItem(atPath: log) }
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments = ["-k", "1", String(seconds)] + command
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        let start = Date()
        // A program inherits the signals that its starter blocks, and this thread belongs to a pool that blocks all.
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
        process.waitUntilExit()
        let data = FileManager.default.contents(atPath: log) ?? Data()
        let isSignal = process.terminationReason == .uncaughtSignal
        return Result(
            exit: isSignal ? -process.terminationStatus : process.terminationStatus,
            output: String(decoding: data, as: UTF8.self), seconds: Date().timeIntervalSince(start))
    }

    /// Living processes that run in a directory.
    static func processes(in directory: String) -> [Int32] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.filter {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/cwd")) == directory
        }
    }
}
