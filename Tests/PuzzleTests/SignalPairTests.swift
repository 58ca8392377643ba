import Foundation
import Testing

/// Signals from outside, and what kills a merge, side by side with libFuzzer.
@Suite(
    "Signals beside libFuzzer", .serialized,
    .enabled(if: Toolchain.isThere(for: .fuzzd) && Toolchain.isThere(for: .libFuzzer),
        "needs Debian's clang, libclang-rt-14-dev and scripts/build-engine"))
struct SignalPairTests {
    static let signals = [("int", SIGINT), ("term", SIGTERM), ("usr1", SIGUSR1), ("usr2", SIGUSR2)].map { "\($0.0) \($0.1)" }

    @Test(arguments: signals, [0, 1])
    func itIsAnsweredTheSameWhileFuzzing(_ signal: String, _ flag: Int) throws {
        try compare(signal, flag, ["-max_len=1", "corpus"], ["corpus/s": "xy"], after: "INITED")
    }

    @Test(arguments: signals, [0, 1])
    func itIsAnsweredTheSameWhileFilesRun(_ signal: String, _ flag: Int) throws {
        try compare(signal, flag, ["in", "out"], ["in": "S!now!", "out": "x"], after: "Running: in")
    }

    private func compare(_ signal: String, _ flag: Int, _ arguments: [String], _ files: [String: String], after: String) throws {
        let parts = signal.split(separator: " ")
        let sent = FlagPair.Signal(number: try #require(Int32(parts[1])), after: after)
        let all = ["-handle_\(parts[0])=\(flag)"] + arguments
        let ours = try FlagPair(.fuzzd).run(all, files, signal: sent)
        let theirs = try FlagPair(.libFuzzer).run(all, files, signal: sent)
        #expect(ours == theirs, "\(ours.exit) \(ours.lines), libFuzzer: \(theirs.exit) \(theirs.lines)\n\(ours.output)")
        #expect((ours.exit == -sent.number) == (flag == 0), "\(ours.exit)")
    }
}

/// `kill -9` in the middle of a merge: who goes on from the control file ends with the inputs of an undisturbed merge by whoever began it.
@Suite(
    "Merge beside libFuzzer", .serialized,
    .enabled(if: Toolchain.isThere(for: .fuzzd) && Toolchain.isThere(for: .libFuzzer),
        "needs Debian's clang, libclang-rt-14-dev and scripts/build-engine"))
struct MergePairTests {
    /// Long enough to be met in the middle.
    private static let slow = ["FLAGS_PAUSE_MS": "20"]
    /// Whether the variable is there is an edge of the harness.
    private static let quick = ["FLAGS_PAUSE_MS": "0"]
    private static let fileCount = 80

    @Test(arguments: ["-merge=1", "-set_cover_merge=1"], ["fuzzd fuzzd", "libFuzzer fuzzd", "fuzzd libFuzzer", "libFuzzer libFuzzer"])
    func aKilledMergeIsContinued(_ flag: String, _ who: String) throws {
        let engines = try who.split(separator: " ").map { try #require(Engine(rawValue: String($0))) }
        let arguments = [flag, "-merge_control_file=control", "first", "second"]
        let directory = try FlagPair.makeDirectory(Self.files)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let begins = try FlagPair(engines[0])
        let goesOn = try FlagPair(engines[1])
        // A directory of its own, and the same names.
        let control = try FlagPair.makeDirectory(Self.files)
        defer { try? FileManager.default.removeItem(atPath: control) }
        #expect(try begins.run(arguments, in: control, environment: Self.quick).exit == 0)

        // Both tell of the 32nd file; nothing more is said until the 64th.
        let killed = try begins.run(
            arguments, in: directory, environment: Self.slow, signal: FlagPair.Signal(number: SIGKILL, after: "#32\t", isForGroup: true))
        #expect(killed.exit == -SIGKILL, "\(killed.output)")
        #expect(try Self.names(directory) == ["x"], "nothing is added before the end")
        let known = try Self.controlFile(directory).components(separatedBy: "\nFT ").count - 1
        #expect((16..<Self.fileCount).contains(known), "\(known)")

        let ended = try goesOn.run(arguments, in: directory, environment: Self.quick)
        #expect(ended.exit == 0)
        let earlier = try #require(ended.output.firstMatch(of: /(\d+) processed earlier; will process (\d+) files now/), "\(ended.output)")
        #expect(try #require(Int(earlier.1)) >= known)
        #expect(try Self.names(directory) == Self.names(control), "\(ended.output)")
    }

    private static let files: [String: String] = {
        var files = ["first/x": "ab"]
        for index in 0..<fileCount {
            // Lengths that differ, so that both process them in the same order.
            let head = UnicodeScalar(UInt8(index * 37 % 256))
            files["second/\(index)"] = String(Character(head)) + String(repeating: "q", count: index)
        }
        return files
    }()

    private static func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory + "/first").sorted()
    }

    private static func controlFile(_ directory: String) throws -> String {
        try String(contentsOfFile: directory + "/control", encoding: .utf8)
    }
}
