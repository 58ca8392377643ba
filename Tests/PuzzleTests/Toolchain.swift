import Foundation
import Synchronization

/// Compilers, the engine archive and `fuzzd`, and how they make a program of a puzzle.
enum Toolchain {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private static let environment = ProcessInfo.processInfo.environment

    /// Debian's clang, which comes with libFuzzer; the variable `PUZZLE_CC` names another.
    static let compiler = environment["PUZZLE_CC"] ?? "/usr/bin/clang"
    /// The variable `FUZZD_ENGINE` names another archive than the build's.
    static let archive = environment["FUZZD_ENGINE"] ?? PuzzleTable.root + "/.build/engine/lib/libfuzzd_engine.a"
    static let fuzzd =
        environment["FUZZD"]
        ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path + "/fuzzd"

    private static let libFuzzerWithoutMain: String? = {
        guard let answer = try? Command.run([compiler, "-print-resource-dir"], in: "/", seconds: 20), answer.exit == 0
        else { return nil }
        let directory = answer.output.trimmingCharacters(in: .whitespacesAndNewlines) + "/lib/linux/"
        let path = directory + "libclang_rt.fuzzer_no_main-x86_64.a"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    /// Whether the puzzles can be built here.
    static func isThere(for engine: Engine) -> Bool {
        guard FileManager.default.isExecutableFile(atPath: compiler) else { return false }
        return engine == .fuzzd ? FileManager.default.fileExists(atPath: archive) : libFuzzerWithoutMain != nil
    }

    private static let locks = Mutex<[String: NSLock]>([:])

    /// Builds a puzzle unless it is there from the last time, and returns the program's path.
    static func build(_ puzzle: Puzzle, for engine: Engine) throws -> String {
        let directory = PuzzleTable.root + "/.build/puzzles/\(puzzle.name)-\(engine.rawValue)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let program = directory + "/" + puzzle.name
        // Suites that run beside each other share programs, and one that is being linked cannot be run.
        let lock = locks.withLock { all in
            let lock = all[program] ?? NSLock()
            all[program] = lock
            return lock
        }
        lock.lock()
        defer { lock.unlock() }
        var commands: [[String]] = []
        if puzzle.library != nil {
            commands.append(
                [compiler] + compilerFlags(puzzle)
                    + ["-shared", "-fPIC", PuzzleTable.directory + "/shared-part.c", "-o", directory + "/libshared-part.so"])
        }
        commands.append(try link(puzzle, for: engine, in: directory) + ["-o", program])

        var inputs = [source(puzzle), PuzzleTable.directory + "/shared-part.c"]
        if engine == .fuzzd { inputs.append(archive) }
        let stamp = try stamp(commands, inputs: inputs)
        let stampPath = directory + "/built-with"
        if (try? String(contentsOfFile: stampPath, encoding: .utf8)) == stamp { return program }
        for command in commands {
            let result = try Command.run(command, in: directory, seconds: 120)
            guard result.exit == 0 else {
                throw Failure(description: "\(command.joined(separator: " "))\n\(result.output)")
            }
        }
        try stamp.write(toFile: stampPath, atomically: true, encoding: .utf8)
        return program
    }

    private static func source(_ puzzle: Puzzle) -> String { PuzzleTable.directory + "/" + puzzle.source }

    private static func compilerFlags(_ puzzle: Puzzle) -> [String] {
        ["-g", "-O1"] + (puzzle.instrumentation ?? ["-fsanitize=fuzzer-no-link"])
            + (puzzle.sanitizer.map { ["-fsanitize=" + $0] } ?? []) + (puzzle.flags ?? [])
    }

    private static func link(_ puzzle: Puzzle, for engine: Engine, in directory: String) throws -> [String] {
        let driver = puzzle.source.hasSuffix(".cpp") ? compiler + "++" : compiler
        var command = [driver] + compilerFlags(puzzle) + [source(puzzle)]
        switch engine {
        case .fuzzd: command += [archive]
        case .libFuzzer where puzzle.hasOwnMain == true:
            command += [libFuzzerWithoutMain ?? "", "-lstdc++", "-lm"]
        case .libFuzzer: command += ["-fsanitize=fuzzer"]
        }
        if puzzle.library != nil { command += ["-Wl,-rpath," + directory] }
        if puzzle.library == .linked { command += [directory + "/libshared-part.so"] }
        return command + ["-lpthread", "-ldl"]
    }

    /// What a program was made of: the commands, and the time of each input's last change.
    private static func stamp(_ commands: [[String]], inputs: [String]) throws -> String {
        let times = try inputs.map { path in
            let date = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
            return "\(path) \(date?.timeIntervalSince1970 ?? 0)"
        }
        return (commands.map { $0.joined(separator: " ") } + times).joined(separator: "\n")
    }
}
