import Foundation
import Testing

/// Flags side by side with libFuzzer: the same harness, the same command line, and what a script sees of both.
@Suite(
    "Flags beside libFuzzer", .serialized,
    .enabled(if: Toolchain.isThere(for: .fuzzd) && Toolchain.isThere(for: .libFuzzer),
        "needs Debian's clang, libclang-rt-14-dev and scripts/build-engine"))
struct FlagPairTests {
    /// A command line and the files that it finds.
    struct Case: Sendable, CustomTestStringConvertible {
        var arguments: String
        var files: [String: String]
        var sanitizer: String?
        var testDescription: String { arguments + " " + files.keys.sorted().map { "\($0)=\(files[$0] ?? "")" }.joined(separator: " ") }

        init(_ arguments: String, _ files: [String: String] = calm, sanitizer: String? = nil) {
            self.arguments = arguments
            self.files = files
            self.sanitizer = sanitizer
        }
    }

    static let calm = ["corpus/s": "xy", "corpus/t": "abcdef"]

    /// As a file, and as a seed.
    private static func failing(_ letter: String, _ flags: String, sanitizer: String? = nil) -> [Case] {
        [
            Case(flags + " in", ["in": letter + "!now!"], sanitizer: sanitizer),
            Case(flags + " -runs=50 -seed=1 corpus", ["corpus/s": letter + "!now!"], sanitizer: sanitizer),
        ]
    }

    static let findings: [Case] =
        failing("A", "-handle_abrt=1") + failing("I", "-handle_ill=1") + failing("X", "-handle_xfsz=1") + failing("Q", "-seed=1")
        + failing("A", "-error_exitcode=9") + failing("A", "-artifact_prefix=p-") + failing("A", "-exact_artifact_path=exact")
        + failing("L", "-timeout=1") + failing("L", "-timeout=1 -timeout_exitcode=8 -error_exitcode=9")
        + failing("M", "-rss_limit_mb=100 -error_exitcode=9") + failing("G", "-malloc_limit_mb=100", sanitizer: "address")
        + failing("K", "-detect_leaks=1", sanitizer: "address")
        + [Case("-malloc_limit_mb=100 in", ["in": "G!now!"])]

    static let modes: [Case] = [
        Case("-exit_on_item=5f8459982f9f619f4b0d9af2542a2086e56a4bef corpus"),
        Case("-exit_on_src_pos=flags.c:\(FlagHarness.lineOfWord) corpus", ["corpus/s": "fuzz"]),
        Case("-runs=3 -report_slow_units=1 corpus", ["corpus/s": "S!now!"]),
        Case("-runs=1 nowhere"), Case("-runs=1 -create_missing_dirs=1 nowhere"), Case("-runs=1 corpus in", ["in": "x"]),
        Case("-runs=1 -artifact_prefix=no/ corpus"), Case("-runs=1 -features_dir=no corpus"),
        Case("-runs=1 -features_dir=made/here -create_missing_dirs=1 corpus"),
        Case("-runs=4 -seed_inputs=a,b corpus", ["a": "fuzz", "b": "abcdef"]), Case("-runs=4 -seed_inputs=@none corpus"),
        Case("-runs=3 -dict=words corpus", ["words": "\"abc\"\n"]), Case("-runs=3 -dict=none corpus"),
        Case("-runs=3 -dict=words corpus", ["words": "abc\n"]),
        Case("-stop_file=stop corpus", ["corpus/s": "xy", "stop": "x"]),
        Case("-jobs=2 -workers=1 -runs=10 corpus"), Case("-jobs=2 -workers=1 -runs=10 corpus", ["corpus/s": "A!now!"]),
        Case("-minimize_crash=1 -runs=300 in", ["in": "A!now!"]),
        Case("-cleanse_crash=1 -exact_artifact_path=out in", ["in": "A!now!"]),
        Case("-mutation_graph_file=graph -runs=100 corpus"), Case("-nosuch=1 --runs=1 -runs -use_clang_coverage=1 -runs=2 corpus"),
    ]

    @Test(arguments: findings + modes)
    func aScriptSeesTheSame(_ one: Case) throws {
        let arguments = one.arguments.split(separator: " ").map(String.init)
        let ours = try FlagPair(.fuzzd, sanitizer: one.sanitizer).run(arguments, one.files)
        let theirs = try FlagPair(.libFuzzer, sanitizer: one.sanitizer).run(arguments, one.files)
        #expect(ours.exit == theirs.exit, "\(ours.output)\n-- libFuzzer:\n\(theirs.output)")
        #expect(ours.files == theirs.files)
        #expect(ours.lines == theirs.lines, "\(ours.output)\n-- libFuzzer:\n\(theirs.output)")
    }

    /// Handlers of UBSan, which clang links in with libFuzzer, come first there, whatever the flag says.
    @Test(arguments: ["segv V", "bus B", "fpe F"], [0, 1])
    func aSanitizersSignalIsACrashWithCode77(_ signalAndLetter: String, _ flag: Int) throws {
        let parts = signalAndLetter.split(separator: " ").map(String.init)
        let files = ["corpus/s": parts[1] + "!now!"]
        let arguments = ["-handle_\(parts[0])=\(flag)", "-runs=50", "corpus"]
        let ours = try FlagPair(.fuzzd).run(arguments, files)
        let theirs = try FlagPair(.libFuzzer).run(arguments, files)
        #expect(ours.exit == 77 && theirs.exit == 1, "\(ours.output)\n-- libFuzzer:\n\(theirs.output)")
        #expect(ours.files == theirs.files && ours.files.count == 1, "an artifact: \(ours.files) \(theirs.files)")
        #expect(ours.output.contains("UndefinedBehaviorSanitizer: \(parts[0].uppercased()) on unknown address"))
    }

    /// libFuzzer is gone with the signal that it leaves to the harness; here only a child is.
    @Test(arguments: ["abrt A 6", "ill I 4", "xfsz X 25"])
    func aSignalThatIsLeftToTheHarnessEndsLibFuzzerAndNotUs(_ text: String) throws {
        let parts = text.split(separator: " ").map(String.init)
        let files = ["corpus/s": parts[1] + "!now!"]
        let arguments = ["-handle_\(parts[0])=0", "-runs=50", "corpus"]
        let ours = try FlagPair(.fuzzd).run(arguments, files)
        let theirs = try FlagPair(.libFuzzer).run(arguments, files)
        #expect(theirs.exit == -(Int32(parts[2]) ?? 0) && theirs.files.isEmpty, "\(theirs.output)")
        #expect(ours.exit == 77 && ours.files.count { $0.hasPrefix("crash-") } == 1, "\(ours.output)")
    }

    /// Nothing but the line can be compared: what is chosen next differs from engine to engine.
    @Test(arguments: ["-entropic=0", "-entropic=1", "-entropic_feature_frequency_threshold=2", "-entropic_number_of_rarest_features=3"])
    func theScheduleIsTold(_ flag: String) throws {
        let lines = try Engine.allCases.map { engine in
            let seen = try FlagPair(engine).run([flag, "-runs=20", "corpus"], Self.calm)
            #expect(seen.exit == 0, "\(engine): \(seen.output)")
            return seen.output.split(separator: "\n").filter { $0.contains("entropic") }
        }
        #expect(lines[0] == lines[1])
        #expect(lines[0].count == (flag == "-entropic=0" ? 0 : 1))
    }

    @Test func valuesAreFeaturesInBoth() throws {
        for engine in Engine.allCases {
            let pair = try FlagPair(engine)
            let plain = try Self.features(pair.run(["-seed=1", "-runs=300", "corpus"], Self.calm).output)
            let valued = try Self.features(pair.run(["-seed=1", "-runs=300", "-use_value_profile=1", "corpus"], Self.calm).output)
            #expect(valued > plain, "\(engine)")
        }
    }

    @Test(arguments: ["-shuffle=0", "-shuffle=1"])
    func smallSeedsComeFirst(_ flag: String) throws {
        let files = ["a": "fuzzy", "b": "z", "c": "abcd", "d": "fu", "e": "abbbbbbbb"].reduce(into: [:]) { $0["corpus/" + $1.key] = $1.value }
        for engine in Engine.allCases {
            let output = try FlagPair(engine).run([flag, "-keep_seed=1", "-runs=5", "-print_corpus_stats=1", "corpus"], files).output
            let sizes = output.matches(of: /sz: +(\d+) runs/).compactMap { Int($0.1) }
            #expect(sizes == [1, 2, 4, 5, 9], "\(engine): \(output)")
        }
    }

    private static func features(_ output: String) throws -> Int {
        let done = try #require(output.firstMatch(of: /DONE +cov: \d+ ft: (\d+)/), "\(output)")
        return try #require(Int(done.1))
    }
}

/// What the tests have to know of the harness's text.
enum FlagHarness {
    /// Where an input that begins with "fuzz" gets to.
    static let lineOfWord: Int = {
        let text = (try? String(contentsOfFile: PuzzleTable.directory + "/" + FlagPair.source, encoding: .utf8)) ?? ""
        return 1 + (text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("data[3] == 'z'") } ?? 0)
    }()
}
