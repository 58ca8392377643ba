import ForkServer
import Fuzzing
import Glibc
import Testing

@Suite("libFuzzer's interface", .serialized)
struct HarnessTests {
    @Test(arguments: [
        ["-fuse-ld=bfd", "-pie", "-fPIC"], ["-fuse-ld=gold", "-no-pie"], ["-fuse-ld=lld", "-pie", "-fPIC"],
        ["-fuse-ld=lld", "-no-pie"],
    ])
    func everyLinkerWillDo(flags: [String]) throws {
        let session = try EngineSession(Toolchain.harness("plain.c", flags, as: "plain-linked"))
        #expect(try session.run("x").verdict.kind == .passed)
        #expect(try session.run("R").verdict.kind == .rejected)
    }

    @Test(arguments: [ResetStrategy.fork, .reboot])
    func aHarnessGetsWhatItWasPromised(strategy: ResetStrategy) throws {
        let session = try EngineSession(Toolchain.harness("plain.c")) {
            $0.strategy = strategy
            $0.argumentZero = "some-name"
            $0.arguments = ["--own-flag"]
            $0.limits.inputTimeoutMicroseconds = 1_000_000
        }
        let greeting = String(decoding: session.server.initialOutput, as: UTF8.self)
        #expect(greeting.contains("initialised with 2: some-name --own-flag"), "\(greeting)")
        let modules = try #require(session.server.modules)
        #expect(modules.capabilities.contains([.initialize, .childStart]))
        #expect(modules.threads.map(\.name) == ["sample-thread"])
        let start = try #require(modules.threads.first?.startRoutine)
        #expect(Symbolizer(modules: modules).frame(at: start).function == "sample_thread")
        for (input, kind) in [("x", Verdict.Kind.passed), ("R", .rejected), ("S", .passed), ("D", .passed)] {
            #expect(try session.run(input).verdict.kind == kind, "\(input)")
        }
        let early = try session.run("E").verdict
        #expect(early.kind == .exited && early.exitCode == 7)
        let overwritten = try session.run("W")
        #expect(overwritten.verdict.signal == SIGABRT && overwritten.output.contains("overwrites its const input"))
        #expect(try session.run("T").verdict.kind == .inputTimeout)
        #expect(try session.run("S").verdict.kind == .passed)
        if strategy == .fork { #expect(modules.forkedMappingCount == 1) }
    }

    @Test func extraCountersAreFeaturesAndNoCoverage() throws {
        let session = try EngineSession(Toolchain.harness("plain.c"))
        let extra = try session.run("X").counters.filter { session.kind(ofEdge: $0 >> 8) == .extraCounters }
        #expect(extra.map { $0 & 0xFF } == [3])
        #expect(try session.run("x").counters.allSatisfy { session.kind(ofEdge: $0 >> 8) == .inlineCounters })
    }

    @Test(arguments: [[], ["-fsanitize=address"]])
    func wordsAreRecorded(flags: [String]) throws {
        let session = try EngineSession(Toolchain.harness("plain.c", flags, as: "plain-words"))
        let compared = try session.run(ExecutionRequest(input: Array("mABCDEFGH".utf8), collectsComparisons: true))
        let words = compared.verdict.wordComparisons
        #expect(words.contains(WordComparison(left: Array("ABCDEFGH".utf8), right: Array("MAGICKEY".utf8))), "\(words)")
        let texts = try session.run(ExecutionRequest(input: Array("sxyz".utf8), collectsComparisons: true))
        #expect(texts.verdict.wordComparisons.contains { $0.right == Array("s-password".utf8) })
        #expect(texts.verdict.wordComparisons.contains { $0.left.isEmpty && $0.right == Array("needle".utf8) })
        #expect(try session.run("mABCDEFGH").verdict.wordComparisons.isEmpty)
    }

    @Test func theValueProfileTellsNearFromFar() throws {
        let session = try EngineSession(Toolchain.harness("plain.c")) { $0.usesValueProfile = true }
        let far = try session.run(ExecutionRequest(input: [118, 0, 0, 0, 0]))
        let near = try session.run(ExecutionRequest(input: [118, 0x78, 0x56, 0x34, 0]))
        let values = { (result: EngineSession.Result) in
            result.edges.filter { session.kind(ofEdge: $0) == .valueProfile }
        }
        #expect(!values(far).isEmpty && values(far) != values(near))
        #expect(values(far) == values(try session.run(ExecutionRequest(input: [118, 0, 0, 0, 0]))))
    }

    @Test func guardsCountToo() throws {
        let guards = try EngineSession(
            Toolchain.harness("plain.c", ["-fno-sanitize=fuzzer-no-link", "-fsanitize-coverage=trace-pc-guard,pc-table,trace-cmp"],
                as: "plain-guards"))
        #expect(guards.server.modules?.modules.first?.kind == .pcGuards)
        let idle = try guards.run("x")
        #expect(idle.counters.contains { guards.kind(ofEdge: $0 >> 8) == .pcGuards })
        #expect(try guards.run("x").counters == idle.counters)
        #expect(try guards.run("mMAGICKE").edges != idle.edges)
        #expect(try !guards.run("E").counters.isEmpty, "the child that exited")
    }

    @Test func theHarnessMutatesInTheChild() throws {
        let session = try EngineSession(Toolchain.harness("mutator.cc"))
        #expect(session.server.modules?.capabilities.contains([.customMutator, .customCrossOver]) == true)
        let mutated = try session.run(ExecutionRequest(input: Array("ab".utf8), customMutatorSeed: 1))
        #expect(mutated.executedInput == Array("mutated".utf8))
        #expect(mutated.verdict.kind == .rejected)
        #expect(try session.run("mutated").counters == mutated.counters, "the mutator's own coverage counted")
        let crossed = ExecutionRequest(input: Array("mut".utf8), crossOverPartner: Array("ated".utf8))
        #expect(try session.run(crossed).executedInput == Array("mutated".utf8))
        var results: Set<[UInt8]> = []
        for seed in 2..<50 {
            let request = ExecutionRequest(input: Array("some input 123".utf8), customMutatorSeed: UInt32(seed))
            let first = try session.run(request).executedInput
            #expect(try session.run(request).executedInput == first)
            results.insert(first)
        }
        #expect(results.count > 30)
    }

    @Test func aHarnessWithItsOwnMainAndADeadlyEmptyInput() throws {
        let session = try EngineSession(Toolchain.harness("driver.c"))
        #expect(try session.run("x").verdict.kind == .passed)
        #expect(try session.run("").verdict.signal == SIGABRT)
        #expect(try session.run("C").verdict.signal == SIGABRT)
    }

    @Test func aHarnessInSwift() throws {
        let session = try EngineSession(Toolchain.swiftHarness("swift_harness.swift"))
        #expect(try session.run("one two").verdict.kind == .passed)
        #expect(try session.run("1 2 3 4 5").verdict.kind == .rejected)
        #expect(try session.run("a trap b").verdict.kind == .signalled)
    }

    @Test func filesRunWithoutFuzzd() throws {
        let program = try Toolchain.harness("plain.c")
        let file = Toolchain.scratch("input-file")
        #expect(Toolchain.run("sh", ["-c", "printf x > \(file)"]).status == 0)
        let result = Toolchain.run(program, ["-runs=1", file], environment: ["PATH": "/usr/bin:/bin", "FUZZD": ""])
        #expect(result.status == 0)
        #expect(result.output.contains("Running: \(file)\n") && result.output.contains("Executed \(file) in "), "\(result.output)")
        let nothing = Toolchain.run(program, [], environment: ["PATH": "/usr/bin:/bin", "FUZZD": ""])
        #expect(nothing.status == 1 && nothing.output.contains("install fuzzd"))
    }
}
