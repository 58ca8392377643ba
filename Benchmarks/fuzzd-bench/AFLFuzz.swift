import Foundation

/// `afl-fuzz` as its users run it, for some seconds on a program that reads standard input.
struct AFLFuzz {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    var program: String
    var seconds: Int

    /// Whether it is installed.
    static var isThere: Bool { path != nil }

    private static var path: String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { $0 + "/afl-fuzz" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Executions a second, as its own `fuzzer_stats` says.
    ///
    /// Bound to a processor, in every round: left alone it binds itself where it finds one that no other process is bound to, and
    /// is half as fast where it finds none; a machine parent of ours is bound too, idle or not.
    func rate() throws -> Double {
        let folder = FileManager.default.temporaryDirectory.path + "/fuzzd-bench-afl-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
        try Data(repeating: UInt8(ascii: "x"), count: 16).write(to: URL(fileURLWithPath: folder + "/in/seed"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path ?? "/nowhere/afl-fuzz")
        process.arguments = ["-V", String(seconds), "-b", "0", "-i", folder + "/in", "-o", folder + "/out", "--", program]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
            "AFL_TRY_AFFINITY": "1", "AFL_QUIET": "1",
        ]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let stats = try? String(contentsOfFile: folder + "/out/default/fuzzer_stats", encoding: .utf8)
        guard let line = stats?.split(separator: "\n").first(where: { $0.hasPrefix("execs_per_sec") }),
            let rate = line.split(separator: ":").last.flatMap({ Double($0.trimmingCharacters(in: .whitespaces)) })
        else { throw Failure(description: "afl-fuzz left no execs_per_sec; it ended with \(process.terminationStatus)") }
        return rate
    }
}
