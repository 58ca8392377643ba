import Foundation

/// One command line, run by the same harness under this project's engine and under libFuzzer.
struct FlagPair {
    /// Its inputs are listed in the file itself.
    static let source = "flags.c"
    private static let patienceSeconds = 60.0
    private static let pollMicroseconds: UInt32 = 20_000

    /// A signal from outside, sent once the output contains a text.
    struct Signal {
        var number: Int32
        var after: String
        /// To the whole process group, as when everything is killed.
        var isForGroup = false
    }

    /// What a script sees of a run.
    struct Seen: Equatable {
        /// Exit code; a signal's number negated.
        var exit: Int32
        /// Files and directories that were not there before; not those of the corpus, which are chance.
        var files: [String]
        /// Lines that scripts look for, without what differs from run to run.
        var lines: [String]
        var output: String

        static func == (one: Seen, other: Seen) -> Bool {
            one.exit == other.exit && one.files == other.files && one.lines == other.lines
        }
    }

    let program: String

    init(_ engine: Engine, sanitizer: String? = nil) throws {
        let name = "flags" + (sanitizer.map { "-" + $0 } ?? "")
        program = try Toolchain.build(
            Puzzle(name: name, source: Self.source, sanitizer: sanitizer, expect: Puzzle.Expectation(exit: 0)), for: engine)
    }

    /// Runs in a directory of its own with those files, which is gone afterwards.
    func run(_ arguments: [String], _ files: [String: String] = [:], signal: Signal? = nil) throws -> Seen {
        let directory = try Self.makeDirectory(files)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try run(arguments, in: directory, signal: signal)
    }

    func run(
        _ arguments: [String], in directory: String, environment: [String: String] = [:], signal: Signal? = nil
    ) throws -> Seen {
        let before = Set(Self.names(directory))
        let log = directory + ".log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: log) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            .merging(["FUZZD": Toolchain.fuzzd]) { $1 }
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try Self.withSignalsUnblocked { try process.run() }
        try wait(process, log: log, signal: signal)
        let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
        let status = process.terminationStatus
        return Seen(
            exit: process.terminationReason == .uncaughtSignal ? -status : status,
            files: Self.names(directory).filter { !before.contains($0) }, lines: Self.lines(text), output: text)
    }

    private func wait(_ process: Process, log: String, signal: Signal?) throws {
        let leader = process.processIdentifier
        guard getpgid(leader) == leader else { throw Toolchain.Failure(description: "\(program) has no process group of its own") }
        let end = Date().addingTimeInterval(Self.patienceSeconds)
        var pending = signal
        while process.isRunning {
            if let signal = pending, let data = FileManager.default.contents(atPath: log),
                String(decoding: data, as: UTF8.self).contains(signal.after)
            {
                kill(signal.isForGroup ? -leader : leader, signal.number)
                pending = nil
            }
            if Date() > end {
                kill(-leader, SIGKILL)
                process.waitUntilExit()
                throw Toolchain.Failure(description: "\(program) did not end within \(Self.patienceSeconds) s")
            }
            usleep(Self.pollMicroseconds)
        }
        process.waitUntilExit()
    }

    /// A program inherits the signals that its starter blocks.
    private static func withSignalsUnblocked(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    static func makeDirectory(_ files: [String: String]) throws -> String {
        let directory = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path
            + "/fuzzd-flags-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: directory + "/corpus", withIntermediateDirectories: true)
        for (name, text) in files {
            let path = URL(fileURLWithPath: directory + "/" + name)
            try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }).write(to: path)
        }
        return directory
    }

    /// Names of inputs that fuzzing found are chance.
    private static func names(_ directory: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
        return all.filter { !$0.hasPrefix("corpus/") }.sorted()
    }

    private static let markers = [
        "ERROR: libFuzzer", "ERROR: LeakSanitizer", "ERROR: The required", "SUMMARY: libFuzzer", "Test unit written", "libFuzzer: run",
        "gracefully", "exiting as requested", "INFO: found", "a leak has been", "to ignore leaks", "Slowest unit", "Not a directory",
        "seed_inputs is", "ParseDictionaryFile", "Dictionary:", "exited with exit code", "unrecognized flag", "deprecated",
        "single dash", "CRASH_MIN: failed", "CRASH_MIN: minimizing", "CLEANSE", "ALARM", "NOTE: fuzzing",
    ]

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter { line in markers.contains { line.contains($0) } }.map { line in
            line.replacing(/==\d+==/, with: "==N==").replacing(/used: \d+Mb/, with: "used")
                // libFuzzer looks at the time now and then.
                .replacing(/for \d+ seconds|after \d+ seconds/, with: "N seconds")
                .replacing(/(exist or is empty|error in line \d+).*/) { String($0.1) }
        }
    }
}
