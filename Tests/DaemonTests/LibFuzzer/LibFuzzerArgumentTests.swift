import Daemon
import Foundation
import Testing

/// libFuzzer's command line: how it is read, and that the documentation has all of it.
@Suite("libFuzzer arguments")
struct LibFuzzerArgumentTests {
    @Test func flagsAndInputsAreToldApart() {
        let arguments = LibFuzzerArguments(["-runs=12", "corpus", "-dict=words.dict", "more", "-max_len=0"])
        #expect(arguments["runs"] == 12)
        #expect(arguments.text("dict") == "words.dict")
        #expect(arguments.inputs == ["corpus", "more"])
        #expect(arguments.messages.isEmpty)
        #expect(arguments.wasGiven("max_len") && !arguments.wasGiven("seed"))
        #expect(arguments["timeout"] == 1200, "a flag that was not given has its default")
    }

    @Test func theLastOfEqualFlagsCounts() {
        #expect(LibFuzzerArguments(["-runs=1", "-runs=2"])["runs"] == 2)
    }

    @Test(arguments: [
        ("12", 12), ("-1", -1), ("12x", 12), ("abc", 0), ("", 0), ("99999999999999999999", Int(UInt32.max)),
    ])
    func aNumberGoesAsFarAsItsDigits(text: String, value: Int) {
        #expect(LibFuzzerArguments(["-runs=" + text])["runs"] == value)
    }

    @Test(arguments: ["-timeout", "-nothing=1", "-", "-runs:1", "-RUNS=1"])
    func whatIsNoFlagIsAWarning(argument: String) throws {
        let arguments = LibFuzzerArguments([argument, "-runs=3", "file"])
        let message = try #require(arguments.messages.first)
        #expect(message == "\n\nWARNING: unrecognized flag '\(argument)'; use -help=1 to list all flags\n")
        #expect(arguments["runs"] == 3)
        #expect(arguments.inputs == ["file"])
    }

    @Test func doubleDashesAreTheHarnesss() {
        let arguments = LibFuzzerArguments(["--fuzz-target=virtio-net", "--timeout=3", "-timeout=4"])
        #expect(arguments["timeout"] == 4)
        #expect(arguments.inputs.isEmpty)
        #expect(
            arguments.messages == [
                "INFO: libFuzzer ignores flags that start with '--'",
                "WARNING: did you mean '-timeout=3' (single dash)?",
            ])
    }

    @Test func whatFollowsIgnoreRemainingArgumentsIsNotRead() {
        let arguments = LibFuzzerArguments(["-ignore_remaining_args=1", "-runs=3", "file"])
        #expect(arguments["runs"] == -1)
        #expect(arguments.inputs.isEmpty)
    }

    @Test func aDeprecatedFlagSaysSo() {
        #expect(
            LibFuzzerArguments(["-use_clang_coverage=1"]).messages == ["Flag: use_clang_coverage: deprecated, don't use"])
    }

    @Test func verbosityTwoTellsTheFlags() {
        #expect(LibFuzzerArguments(["-verbosity=2", "-runs=3"]).messages == ["Flag: verbosity 2", "Flag: runs 3"])
    }

    @Test func theHelpNamesEveryFlagAndItsDefault() {
        let lines = LibFuzzerHelp.lines(program: "./harness")
        #expect(lines.contains { $0.hasPrefix("./harness ") })
        for flag in LibFuzzerFlagTable.flags where !flag.isHidden && flag.value != .deprecated {
            let standard = if case .integer(let value) = flag.value { value } else { 0 }
            let line = lines.first { $0.split(separator: "\t").first?.trimmingCharacters(in: .whitespaces) == flag.name }
            #expect(line?.contains("\t\(standard)\t") == true, "\(flag.name)")
            #expect(!flag.help.isEmpty)
        }
    }

    @Test func theDocumentHasTheSameTable() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/libfuzzer-flags.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        var documented: [String: [String]] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            documented[String(cells[1].dropFirst().dropLast())] = Array(cells[2...])
        }
        #expect(documented.count == LibFuzzerFlagTable.flags.count)
        for flag in LibFuzzerFlagTable.flags {
            let cells = try #require(documented[flag.name], "-\(flag.name) is not documented")
            if case .integer(let value) = flag.value { #expect(cells[0] == String(value), "\(flag.name)") }
            #expect(cells[1] == flag.support.rawValue, "\(flag.name)")
            if flag.support != .same { #expect(cells[2].count > 4, "-\(flag.name): say how or why") }
        }
    }

    /// Where a compiler with libFuzzer is installed, its own list is the measure.
    @Test(.enabled(if: LibFuzzerReference.program != nil, "needs clang with libFuzzer (libclang-rt-dev)"))
    func everyFlagOfLibFuzzerIsInTheTable() throws {
        let theirs = try #require(LibFuzzerReference.program).flags()
        #expect(theirs.count > 60)
        for (name, standard) in theirs {
            let flag = try #require(LibFuzzerFlagTable.flag(named: name), "-\(name) is not known here")
            if case .integer(let value) = flag.value { #expect(value == standard, "-\(name)") }
        }
    }
}

/// A program that was linked with the installed libFuzzer.
final class LibFuzzerReference: Sendable {
    static let program: LibFuzzerReference? = LibFuzzerReference()
    private let directory: String

    private init?() {
        directory = NSTemporaryDirectory() + "/fuzzd-libfuzzer-" + UUID().uuidString
        let source = directory + "/harness.c"
        let text = "int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && n > 99 ? 0 : 0; }\n"
        let files = FileManager.default
        guard (try? files.createDirectory(atPath: directory, withIntermediateDirectories: true)) != nil,
            files.createFile(atPath: source, contents: Data(text.utf8)),
            Self.run(["clang", "-fsanitize=fuzzer", source, "-o", directory + "/harness"])?.code == 0
        else { return nil }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Flags and defaults that `-help=1` lists.
    func flags() -> [(name: String, standard: Int)] {
        guard let help = Self.run([directory + "/harness", "-help=1"]) else { return [] }
        return help.output.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t")
            guard line.hasPrefix(" "), fields.count >= 2, let standard = Int(fields[1]) else { return nil }
            return (fields[0].trimmingCharacters(in: .whitespaces), standard)
        }
    }

    private static func run(_ words: [String]) -> (code: Int32, output: String)? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        guard (try? process.run()) != nil else { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
