import Foundation
import Testing

/// Builds the engine archive once, and harnesses against it, in a directory that goes away with the test process.
enum Toolchain {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    static let root: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    private static let directory: String = {
        let path = NSTemporaryDirectory() + "/fuzzd-engine-tests-\(getpid())"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: NSTemporaryDirectory() + "/fuzzd-engine-tests-\(getpid())") }
        return path
    }()

    /// The command line program that stands beside the tests.
    static let fuzzd = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path + "/fuzzd"

    static let archive: Result<String, Failure> = {
        let result = run(root + "/scripts/build-engine", [directory])
        return result.status == 0
            ? .success(directory + "/lib/libfuzzd_engine.a") : .failure(Failure(description: result.output))
    }()

    /// Compiles a harness and links it with the archive; returns the program's path. `as` tells variants apart.
    static func harness(_ source: String, _ flags: [String] = [], as name: String? = nil) throws -> String {
        let program = directory + "/" + (name ?? String(source.prefix { $0 != "." }))
        let path = root + "/Tests/EngineTests/Harnesses/" + source
        let compiler = source.hasSuffix(".cc") ? "clang++" : "clang"
        try check(
            run(
                compiler,
                ["-g", "-O1", "-fsanitize=fuzzer-no-link"] + flags
                    + [path, try archive.get(), "-o", program, "-lpthread", "-ldl", "-rdynamic"]))
        return program
    }

    static func sharedObject(_ source: String, as name: String) throws -> String {
        let path = directory + "/" + name
        try check(
            run(
                "clang",
                ["-g", "-O1", "-fPIC", "-shared", "-fsanitize=fuzzer-no-link", root + "/Tests/EngineTests/Harnesses/" + source]
                    + ["-o", path]))
        return path
    }

    static func swiftHarness(_ source: String) throws -> String {
        let program = directory + "/" + String(source.prefix { $0 != "." })
        try check(
            run(
                "swiftc",
                ["-O", "-parse-as-library", "-sanitize=fuzzer"]
                    + ["-sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp", "-c"]
                    + [root + "/Tests/EngineTests/Harnesses/" + source, "-o", program + ".o"]))
        try check(run("swiftc", [program + ".o", try archive.get(), "-o", program, "-lpthread", "-ldl"]))
        return program
    }

    static func scratch(_ name: String) -> String { directory + "/" + name }

    private static func check(_ result: (status: Int32, output: String)) throws {
        guard result.status == 0 else { throw Failure(description: result.output) }
    }

    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        do { try process.run() } catch { return (127, "\(error)") }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
