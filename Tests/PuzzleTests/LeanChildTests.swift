import Foundation
import Testing

/// A child that is forked past glibc, and has as little as possible copied, is a process like any other.
@Suite(
    "A lean child", .serialized,
    .enabled(if: Toolchain.isThere(for: .fuzzd), "needs Debian's clang and scripts/build-engine"))
struct LeanChildTests {
    static let source = "lean.c"

    @Test(arguments: ["never", "always"])
    func isTheProcessThatATargetExpects(forkAhead: String) throws {
        let harness = try Harness(flags: [])
        for input in ["=i", "=t", "=p", "=f", "=a", "=b", "=z", "=c, and nothing behind it", "=c"] {
            let result = try harness.run(input, forkAhead: forkAhead)
            #expect(result.exit == 0, "\(input): \(result.output)")
        }
    }

    @Test(arguments: ["never", "always"])
    func forkHandlersRun(forkAhead: String) throws {
        let handled = try Harness(flags: ["-DWITH_HANDLERS"])
        for input in ["=h", "=i", "=t", "=p", "=a", "=b"] {
            let result = try handled.run(input, forkAhead: forkAhead)
            #expect(result.exit == 0, "\(input): \(result.output)")
        }
        // Without handlers that input ends abnormally: the check can fail.
        #expect(try Harness(flags: []).run("=h", forkAhead: forkAhead).exit == 77)
    }

    @Test func writingBehindASmallInputIsFound() throws {
        let result = try Harness(flags: []).run("=w", forkAhead: "never")
        #expect(result.exit == 77)
        #expect(result.output.contains("fuzz target writes beyond the end of its input"), "\(result.output)")
    }

    /// Linked without a sanitizer's runtime, in a directory of its own.
    private final class Harness {
        let directory: String

        init(flags: [String]) throws {
            directory = try FlagPair.makeDirectory([:])
            // Compiled and linked one by one: given to the linker too, `-fsanitize` brings a runtime along.
            let compile = ["-fsanitize=fuzzer-no-link", "-g", "-O1", "-c", PuzzleTable.directory + "/" + LeanChildTests.source, "-o", "lean.o"]
            for arguments in [compile + flags, ["lean.o", Toolchain.archive, "-lpthread", "-ldl", "-o", "lean"]] {
                let result = try Command.run([Toolchain.compiler] + arguments, in: directory, seconds: 60)
                #expect(result.exit == 0, "\(result.output)")
            }
        }

        deinit { try? FileManager.default.removeItem(atPath: directory) }

        /// Runs the input twenty times: the first children are made before anything is known of the target.
        func run(_ input: String, forkAhead: String) throws -> Command.Result {
            try input.write(toFile: directory + "/input", atomically: true, encoding: .utf8)
            let path = URL(fileURLWithPath: Toolchain.fuzzd).deletingLastPathComponent().path
            return try Command.run(
                ["env", "FUZZD_FORK_AHEAD=\(forkAhead)", "PATH=\(path):/usr/bin:/bin", "./lean", "-runs=20", "input"], in: directory, seconds: 60)
        }
    }
}
