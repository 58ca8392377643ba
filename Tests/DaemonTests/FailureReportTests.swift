import Daemon
import ForkServer
import Foundation
import Testing

@Suite("Symbolised reports")
struct FailureReportTests {
    /// A program that answers as llvm-symbolizer does, or not at all; removed with the object.
    final class FakeSymbolizer {
        let path = NSTemporaryDirectory() + "fuzzd-symbolizer-" + UUID().uuidString.prefix(8)

        init(_ script: String) throws {
            try Data(("#!/bin/sh\n" + script).utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        static let answers = """
            while read -r line; do case "$line" in
            *0xe1bda) printf 'device::Queue::element(unsigned long)\\n/src/h.cpp:11:76\\ndevice::Queue::pop(unsigned long)\\n'
                printf '/src/h.cpp:12:34\\nLLVMFuzzerTestOneInput\\n/src/h.cpp:23:93\\n\\n';;
            *0xa3ea2) printf 'free\\n??:0:0\\n\\n';;
            *) printf '??\\n??:0:0\\n\\n';;
            esac; done
            """
    }

    private func reporter(_ program: String, limitSeconds: Double = 20) -> FailureReporter {
        FailureReporter(
            elf: Symbolizer(modules: nil), limitSeconds: limitSeconds, environment: ["FUZZD_SYMBOLIZER": program])
    }

    private func description(_ text: String) throws -> CrashDescription {
        let report = try #require(SanitizerReport(text: text))
        return CrashDescription(signature: "s", frames: report.stack, summary: "", error: "", report: report)
    }

    @Test func inlinedFunctionsGetLinesOfTheirOwn() throws {
        let fake = try FakeSymbolizer(FakeSymbolizer.answers)
        let report = reporter(fake.path).report(on: try description(ReportFixtures.heapUseAfterFree))
        let frames = report.lines.filter { $0.hasPrefix("    #") }
        #expect(
            frames.prefix(4) == [
                "    #0 0x5578624d1bda in device::Queue::element(unsigned long) /src/h.cpp:11:76",
                "    #1 0x5578624d1bda in device::Queue::pop(unsigned long) /src/h.cpp:12:34",
                "    #2 0x5578624d1bda in LLVMFuzzerTestOneInput /src/h.cpp:23:93",
                "    #3 0x5578624d1eb9  (/src/harness+0xe1eb9) (BuildId: af533a17)",
            ])
        #expect(frames.contains("    #0 0x557862493ea2 in free (/src/harness+0xa3ea2) (BuildId: af533a17)"))
        #expect(
            report.lines.contains(
                "SUMMARY: AddressSanitizer: heap-use-after-free /src/h.cpp:11:76 in device::Queue::element(unsigned long)"))
        #expect(report.stack.map(\.isInlined).prefix(3) == [true, true, false])
        #expect(report.lines.last == "==15935==ABORTING")
    }

    @Test func aReportThatIsSymbolisedStaysAsItIs() throws {
        let fake = try FakeSymbolizer(FakeSymbolizer.answers)
        let report = reporter(fake.path).report(on: try description(ReportFixtures.symbolized))
        let frames = ReportFixtures.symbolized.split(separator: "\n").filter { $0.hasPrefix("    #") }.map(String.init)
        #expect(report.lines.filter { $0.hasPrefix("    #") }.prefix(4) == frames.prefix(4))
    }

    @Test(arguments: ["exec sleep 600", "exit 3", "printf 'nonsense'; exec sleep 600"])
    func aSymbolizerThatDoesNotAnswerDelaysNobodyForLong(script: String) throws {
        let fake = try FakeSymbolizer(script)
        let reporter = reporter(fake.path, limitSeconds: 0.5)
        let start = Date()
        for _ in 0..<20 {
            let report = reporter.report(on: try description(ReportFixtures.heapUseAfterFree))
            #expect(report.lines.contains("    #0 0x5578624d1bda  (/src/harness+0xe1bda) (BuildId: af533a17)"))
            #expect(report.stack.count == 3)
        }
        // Asked twice at most, half a second each.
        #expect(Date().timeIntervalSince(start) < 8)
    }

    @Test func aProgramThatIsNotThereIsNoObstacle() throws {
        let report = reporter("/nonexistent/symbolizer").report(on: try description(ReportFixtures.doubleFree))
        #expect(report.stack.map(\.offset) == [0xa3ea2, 0xe182d])
    }

    @Test func reportsAreMadeInTheBackground() throws {
        let fake = try FakeSymbolizer(FakeSymbolizer.answers)
        let reporter = reporter(fake.path)
        for id in 0..<5 { reporter.begin(id, try description(ReportFixtures.heapUseAfterFree)) }
        reporter.wait()
        let finished = reporter.takeFinished()
        #expect(finished.map(\.id) == [0, 1, 2, 3, 4])
        #expect(finished.allSatisfy { $0.report.stack.first?.source == "/src/h.cpp:11:76" })
        #expect(reporter.takeFinished().isEmpty)
    }

    @Test func theEnvironmentChoosesTheSymbolizer() throws {
        let fake = try FakeSymbolizer("")
        #expect(SymbolizerLocator.find(environment: ["FUZZD_SYMBOLIZER": "", "PATH": "/usr/bin"]) == nil)
        #expect(SymbolizerLocator.find(environment: ["LLVM_SYMBOLIZER_PATH": fake.path, "PATH": "/nonexistent"]) == fake.path)
        #expect(
            SymbolizerLocator.find(
                environment: ["ASAN_SYMBOLIZER_PATH": "/nonexistent/x", "LLVM_SYMBOLIZER_PATH": fake.path]) == fake.path)
        #expect(SymbolizerLocator.find(environment: ["PATH": "/nonexistent"]) == nil)
    }

    @Test func theSanitizersOptionsChooseTheSymbolizer() throws {
        let fake = try FakeSymbolizer("")
        func found(_ options: String) -> String? {
            SymbolizerLocator.find(environment: ["LLVM_SYMBOLIZER_PATH": fake.path, "ASAN_OPTIONS": options])
        }
        #expect(found("symbolize=0:abort_on_error=1") == nil)
        #expect(found("symbolize=0:symbolize=1") == fake.path)
        #expect(found("dont_symbolize=0") == fake.path)
        #expect(
            SymbolizerLocator.find(environment: ["UBSAN_OPTIONS": "external_symbolizer_path=\(fake.path)", "PATH": "/nonexistent"])
                == fake.path)
    }

    /// The real tools on a real report; without them there is nothing to test.
    @Test(.enabled(if: Self.hasTools, "needs clang with AddressSanitizer and llvm-symbolizer in PATH"))
    func aRealReportIsSymbolised() throws {
        let directory = NSTemporaryDirectory() + "fuzzd-report-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let source = """
            #include <stdlib.h>
            static inline __attribute__((always_inline)) int element(volatile char *p, int i) { return p[i]; }
            __attribute__((noinline)) int overflow(int i) {
                volatile char *p = malloc(4);
                return element(p, i);
            }
            int main(int count, char **arguments) { return overflow(count + 3); }
            """
        try Data(source.utf8).write(to: URL(fileURLWithPath: directory + "/probe.c"))
        let built = Self.run("cd \(directory) && clang -g -O1 -fsanitize=address probe.c -o probe")
        try #require(built.status == 0, "\(built.output)")
        let output = Self.run("ASAN_OPTIONS=symbolize=0 \(directory)/probe").output
        let environment = ProcessInfo.processInfo.environment.filter { !SymbolizerLocator.variables.contains($0.key) }
        let reporter = FailureReporter(elf: Symbolizer(modules: nil), limitSeconds: 60, environment: environment)
        let report = reporter.report(on: try description(output))
        #expect(report.stack.prefix(3).map(\.function) == ["element", "overflow", "main"], "\(report.lines)")
        #expect(report.stack.prefix(3).map(\.line) == [2, 5, 7])
        #expect(report.lines.contains { $0.hasPrefix("SUMMARY: ") && $0.contains("probe.c:2:") && $0.hasSuffix(" in element") })
    }

    private static let hasTools: Bool = {
        guard SymbolizerLocator.find(environment: ProcessInfo.processInfo.environment) != nil else { return false }
        // Linking with the sanitizer is what fails where its library is not installed.
        return run("echo 'int main(void) { return 0; }' | clang -fsanitize=address -x c - -o /dev/null").status == 0
    }()

    private static func run(_ command: String) -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        guard (try? process.run()) != nil else { return (127, "") }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
