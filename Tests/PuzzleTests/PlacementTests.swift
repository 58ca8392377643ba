import Foundation
import Testing

/// Children that are forked ahead have processors of their own, whatever lies next to the harness's counters.
@Suite(
    "Placement", .serialized,
    .enabled(if: Toolchain.isThere(for: .fuzzd), "needs Debian's clang and scripts/build-engine"),
    .enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1, "needs two processors"))
struct PlacementTests {
    static let source = "placed.c"

    @Test func childrenForkedAheadRunBesideTheMachineParent() throws {
        let result = try run(forkAhead: "always")
        #expect(result.exit == 0, "\(result.output)")
        #expect(result.output.contains("Done 4"), "\(result.output)")
    }

    /// What the test above looks for is not always so.
    @Test func othersDoNot() throws {
        let result = try run(forkAhead: "never")
        #expect(result.exit == 77, "\(result.output)")
    }

    private func run(forkAhead: String) throws -> Command.Result {
        let directory = try FlagPair.makeDirectory([:])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try link(in: directory)
        let configuration = "name: placed\ntarget:\n  program: \(directory)/placed\nfork_ahead: \(forkAhead)\n"
        try configuration.write(toFile: directory + "/placed.yaml", atomically: true, encoding: .utf8)
        return try Command.run(
            [
                Toolchain.fuzzd, "start", "--config", "placed.yaml", "--corpus", "corpus", "--artifacts", ".", "--runs", "400",
                "--seed", "1", "--plain",
            ], in: directory, seconds: 60)
    }

    /// Compiled and linked one by one: given to the linker too, `-fsanitize` brings a runtime along.
    private func link(in directory: String) throws {
        let compile = ["-fsanitize=fuzzer-no-link", "-g", "-O1", "-c", PuzzleTable.directory + "/" + Self.source, "-o", "placed.o"]
        for arguments in [compile, ["placed.o", Toolchain.archive, "-lpthread", "-ldl", "-o", "placed"]] {
            let result = try Command.run([Toolchain.compiler] + arguments, in: directory, seconds: 60)
            #expect(result.exit == 0, "\(result.output)")
        }
    }
}
