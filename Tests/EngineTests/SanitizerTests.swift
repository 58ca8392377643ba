import ForkServer
import Foundation
import Fuzzing
import Testing

@Suite("Sanitizers in children", .serialized)
struct SanitizerTests {
    private static func program() throws -> String {
        try Toolchain.harness("sanitized.c", ["-fsanitize=address"], as: "sanitized-address")
    }

    @Test(arguments: [ResetStrategy.fork, .reboot])
    func reportsArriveWhole(strategy: ResetStrategy) throws {
        let session = try EngineSession(Self.program()) { $0.strategy = strategy }
        #expect(try session.run("x").verdict.kind == .passed)
        for (input, word) in [("O", "heap-buffer-overflow"), ("U", "heap-use-after-free"), ("V", "SEGV")] {
            let result = try session.run(input)
            #expect(result.verdict.kind == .sanitizer, "\(input): \(result.verdict.kind)")
            #expect(result.output.contains("AddressSanitizer: \(word)"), "\(result.output)")
            #expect(result.output.contains("ABORTING"))
            #expect(result.verdict.crash?.frames.isEmpty == false)
        }
        let aborted = try session.run("A").verdict
        #expect(aborted.kind == .signalled && aborted.signal == SIGABRT)
        #expect(try session.run("x").verdict.kind == .passed)
    }

    /// Frames behind the line that begins an allocation's stack.
    private static func frames(after headline: String, in report: String) -> Int {
        let lines = report.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0.contains(headline) }) else { return 0 }
        return lines[(start + 1)...].prefix { $0.contains("#") }.count
    }

    @Test(arguments: [ResetStrategy.fork, .reboot, .snapshot])
    func allocationsAreTracedWhereTheyAreAskedFor(strategy: ResetStrategy) throws {
        let session = try EngineSession(Self.program()) { $0.strategy = strategy }
        for traces in [false, true, false, true] {
            let result = try session.run(ExecutionRequest(input: Array("U".utf8), tracesAllocations: traces))
            #expect(result.output.contains("AddressSanitizer: heap-use-after-free"), "\(result.output)")
            for headline in ["freed by thread", "previously allocated by thread"] {
                let count = Self.frames(after: headline, in: result.output)
                #expect(traces ? count > 1 : count == 1, "\(strategy), \(traces): \(result.output)")
            }
            // The error's own stack is whole in any case.
            #expect(Self.frames(after: "READ of size", in: result.output) > 1, "\(result.output)")
            #expect(try session.run(ExecutionRequest(input: [0x78], tracesAllocations: false)).verdict.kind == .passed)
        }
    }

    /// What the runtime itself allocated once the snapshot was taken would part what is scanned: each reset would be refused. With
    /// one of two fills of the allocator it needs a mapping for that.
    @Test(arguments: 0..<4)
    func aSnapshotsRunnerIsKept(blocks: Int) throws {
        let program = try Toolchain.harness("full_class.c", ["-fsanitize=address"], as: "full-class-address")
        let session = try EngineSession(program) {
            $0.strategy = .snapshot
            $0.environment["BLOCKS"] = "\(blocks)"
        }
        for _ in 0..<50 { #expect(try session.run("x").verdict.kind == .passed) }
        #expect(session.server.snapshotRefusal == nil)
        #expect(session.server.replacedRunners.count == 0, "\(session.server.replacedRunners.causes)")
    }

    @Test func aLengthThatTheUserChoseStays() throws {
        let session = try EngineSession(Self.program()) { $0.environment["ASAN_OPTIONS"] = "malloc_context_size=2" }
        let result = try session.run(ExecutionRequest(input: Array("U".utf8), tracesAllocations: false))
        #expect(Self.frames(after: "freed by thread", in: result.output) == 2, "\(result.output)")
    }

    @Test func aFloodDoesNotPushTheReportOut() throws {
        let session = try EngineSession(Self.program()) { $0.limits.outputBytes = 8192 }
        let result = try session.run("F")
        #expect(result.verdict.kind == .sanitizer)
        #expect(result.output.contains("a line of output"))
        #expect(result.output.contains("heap-buffer-overflow") && result.output.contains("ABORTING"))
    }

    @Test func leaksAreFoundAndOnlyTheInputsOwn() throws {
        let session = try EngineSession(Self.program()) { $0.detectsLeaks = true }
        #expect(session.server.modules?.capabilities.contains(.leakSanitizer) == true)
        let leaked = try session.run("L")
        #expect(leaked.verdict.kind == .leaked, "\(leaked.verdict.kind): \(leaked.output)")
        #expect(leaked.output.contains("77 byte(s)"), "\(leaked.output)")
        for innocent in ["x", "K", "M"] {
            let result = try session.run(innocent)
            #expect(result.verdict.kind == .passed, "\(innocent): \(result.output)")
        }
        let careless = try EngineSession(Self.program())
        #expect(try careless.run("L").verdict.kind == .passed)
    }

    @Test func oneAllocationIsLimited() throws {
        let session = try EngineSession(Self.program()) { $0.limits.mallocBytes = 32 << 20 }
        let result = try session.run("M")
        #expect(result.verdict.kind == .mallocLimit)
        #expect(result.output.contains("out-of-memory (malloc(67108864))"), "\(result.output)")
        #expect(try session.run("x").verdict.kind == .passed)
    }

    @Test(arguments: [ResetStrategy.fork, .reboot, .snapshot])
    func aChildThatTheHarnessForksReportsToo(strategy: ResetStrategy) throws {
        let session = try EngineSession(Self.program()) { $0.strategy = strategy }
        for _ in 0..<3 {
            let result = try session.run("G")
            #expect(result.verdict.kind == .sanitizer, "\(strategy)")
            #expect(result.output.contains("AddressSanitizer: heap-buffer-overflow") && result.output.contains("ABORTING"), "\(result.output)")
            #expect(try session.run("x").output == "")
        }
    }

    @Test func theFrontEndNamesTheLineOfAFailure() throws {
        let program = try Self.program()
        let file = Toolchain.scratch("overflowing")
        #expect(Toolchain.run("sh", ["-c", "printf O > \(file)"]).status == 0)
        let lines = try String(contentsOfFile: Toolchain.root + "/Tests/EngineTests/Harnesses/sanitized.c", encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.firstIndex { $0.contains("case 'O'") }) + 2
        let found = Toolchain.run(program, [file], environment: ["FUZZD": Toolchain.fuzzd])
        #expect(found.status == 77)
        #expect(found.output.contains("SUMMARY: AddressSanitizer: heap-buffer-overflow"), "\(found.output)")
        #expect(found.output.contains("sanitized.c:\(line):"), "\(found.output)")
        let unnamed = Toolchain.run(program, [file], environment: ["FUZZD": Toolchain.fuzzd, "ASAN_OPTIONS": "symbolize=0"])
        #expect(unnamed.status == 77 && unnamed.output.contains("#0 0x") && !unnamed.output.contains("sanitized.c:"), "\(unnamed.output)")
    }

    @Test func theUsersOptionsHold() throws {
        let session = try EngineSession(Self.program()) { $0.environment["ASAN_OPTIONS"] = "exitcode=99:symbolize=1" }
        let result = try session.run("O")
        #expect(result.verdict.exitCode == 99)
        #expect(result.output.contains("#0 0x") && !result.output.contains("sanitized.c:"), "\(result.output)")
    }

    @Test(arguments: ["undefined", "memory", "leak"])
    func everySanitizerServes(name: String) throws {
        let session = try EngineSession(Toolchain.harness("sanitized.c", ["-fsanitize=\(name)"], as: "sanitized-\(name)"))
        for _ in 0..<3 { #expect(try session.run("xyz").verdict.kind == .passed) }
    }
}
