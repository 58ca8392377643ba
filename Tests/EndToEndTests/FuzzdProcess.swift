import Foundation

/// A started `fuzzd`, its output in a file.
final class FuzzdProcess {
    struct TookTooLong: Error, CustomStringConvertible {
        var description: String
    }

    private let process = Process()
    private let log: String
    private let startedAt = Date()
    /// How long a test waits for anything; many times what it takes.
    static let patienceSeconds = 60.0

    init(
        program: String, arguments: [String], environment: [String: String], log: String, directory: String
    ) throws {
        self.log = log
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    var output: String {
        FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func kill(_ signal: Int32) {
        if process.isRunning { Glibc.kill(processID, signal) }
    }

    /// Waits for the end.
    func wait(seconds: Double = FuzzdProcess.patienceSeconds) throws -> FuzzdResult {
        do {
            try waitUntil("the end of fuzzd", seconds: seconds) { !process.isRunning }
        } catch {
            kill(SIGKILL)
            throw TookTooLong(description: "\(error); it said: \(output.suffix(2000))")
        }
        let isSignal = process.terminationReason == .uncaughtSignal
        return FuzzdResult(
            exitCode: isSignal ? -process.terminationStatus : process.terminationStatus, output: output,
            seconds: Date().timeIntervalSince(startedAt))
    }

    /// Waits until the log holds a text.
    func waitForOutput(_ text: String) throws {
        do {
            try waitUntil("'\(text)'", seconds: Self.patienceSeconds) {
                output.contains(text) || !process.isRunning
            }
        } catch {
            throw TookTooLong(description: "\(error); fuzzd said: \(output.suffix(2000))")
        }
        guard output.contains(text) else {
            throw TookTooLong(description: "fuzzd ended before it said '\(text)': \(output.suffix(2000))")
        }
    }
}

/// Looks again and again until something holds: what another process does has no other event.
func waitUntil(_ what: String, seconds: Double, _ condition: () throws -> Bool) throws {
    let deadline = Date().addingTimeInterval(seconds)
    while try !condition() {
        guard Date() < deadline else {
            throw FuzzdProcess.TookTooLong(description: "waited \(seconds) s in vain for \(what)")
        }
        usleep(2000)
    }
}

/// What `/proc` says of running processes.
enum ProcessList {
    /// All descendants of a process, however they are nested.
    static func descendants(of ancestor: Int32) -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for process in all() {
            if let parent = stat(process)?.parent { children[parent, default: []].append(process) }
        }
        var result: [Int32] = []
        var queue = children[ancestor] ?? []
        while let next = queue.popLast() {
            result.append(next)
            queue += children[next] ?? []
        }
        return result
    }

    static func children(of parent: Int32) -> [Int32] { all().filter { stat($0)?.parent == parent } }

    /// Living processes of a name that were started in a directory: what belongs to one test, even where its parent is gone.
    static func named(_ name: String, inheriting directory: String) -> [Int32] {
        all().filter { process in
            self.name(process) == name && isAlive(process)
                && (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd"))
                    == directory
        }
    }

    /// The name of a process's program, its first 15 bytes.
    static func name(_ process: Int32) -> String {
        ((try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? "")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Alive: there, and no zombie that waits for its parent.
    static func isAlive(_ process: Int32) -> Bool {
        guard let state = stat(process)?.state else { return false }
        return state != "Z" && state != "X"
    }

    private static func all() -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
    }

    private static func stat(_ process: Int32) -> (state: Substring, parent: Int32)? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let close = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 1, let parent = Int32(fields[1]) else { return nil }
        return (fields[0], parent)
    }
}
