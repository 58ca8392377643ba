import ForkServer
import Fuzzing
import Glibc
import Testing

@Suite("Machines with threads, late modules, source coverage", .serialized)
struct MachineTests {
    @Test(arguments: [ResetStrategy.reboot, .none])
    func threadsLiveWhereTheHarnessResets(strategy: ResetStrategy) throws {
        let session = try EngineSession(Toolchain.harness("resetting.c")) {
            $0.strategy = strategy
            $0.limits.inputTimeoutMicroseconds = 5_000_000
            $0.workers = 2
        }
        for worker in 0..<2 {
            for _ in 0..<3 {
                let result = try session.run("x", worker: worker)
                #expect(result.verdict.kind == .passed, "\(result.output)")
            }
            #expect(try session.run("C", worker: worker).verdict.signal == SIGABRT)
            // Another runner, whose machine was made anew.
            #expect(try session.run("x", worker: worker).verdict.kind == .passed)
        }
    }

    @Test func aResetEndsTheInputUnderFork() throws {
        let session = try EngineSession(Toolchain.harness("resetting.c")) {
            $0.endsInputAt = "machine_reset"
            $0.limits.inputTimeoutMicroseconds = 5_000_000
        }
        for _ in 0..<3 {
            let result = try session.run("x")
            #expect(result.verdict.kind == .passed)
            #expect(result.output == "state 0\n")
        }
        let none = try EngineSession(Toolchain.harness("resetting.c")) {
            $0.endsInputAt = "machine_reset"
            $0.strategy = .none
        }
        #expect(try none.run("x").verdict.kind == .passed)
        #expect(try none.run("x").verdict.kind == .rejected, "nothing reset the machine")
    }

    @Test func theFrontEndKnowsQEMUsReset() throws {
        let program = try Toolchain.harness("resetting.c", ["-Dmachine_reset=fuzz_reset"], as: "resetting-qemu")
        let environment = ["FUZZD": Toolchain.fuzzd]
        let file = Toolchain.scratch("reset-input")
        #expect(Toolchain.run("sh", ["-c", "printf x > \(file)"]).status == 0)
        let told = Toolchain.run(program, ["-timeout=20", file], environment: environment)
        #expect(told.status == 0 && told.output.contains("INFO: an input ends where the harness calls fuzz_reset"), "\(told.output)")
        let unasked = Toolchain.run(
            program, ["-timeout=1", file], environment: environment.merging(["FUZZD_END_OF_INPUT": ""]) { $1 })
        #expect(unasked.status == 70, "no thread answers the reset: \(unasked.output)")
    }

    /// As QEMU's fuzzers do that are not told a target.
    @Test func aHarnessThatExitsAtItsStartHasTheLastWord() throws {
        let program = try Toolchain.harness("resetting.c")
        for inputs in [[], [program]] {
            let result = Toolchain.run(program, ["--list"] + inputs, environment: ["FUZZD": Toolchain.fuzzd])
            #expect(result.status == 3 && result.output.hasSuffix("usage: name a target\n"), "\(result.output)")
        }
    }

    @Test func aResetThatIsNotThereIsAnError() throws {
        #expect {
            _ = try EngineSession(Toolchain.harness("resetting.c")) { $0.endsInputAt = "no_such_function" }
        } throws: { error in
            "\(error)".contains("no function named no_such_function")
        }
    }

    @Test func lateModulesHaveStableEdges() throws {
        let object = try Toolchain.sharedObject("late_object.c", as: "late_1.so")
        let second = try Toolchain.sharedObject("late_object.c", as: "late_2.so")
        let session = try EngineSession(Toolchain.harness("late.c")) {
            $0.workers = 2
            $0.environment["LATE_OBJECT"] = object
            $0.environment["LATE_OBJECT_2"] = second
        }
        let late = { (result: EngineSession.Result) in result.edges.filter { session.kind(ofEdge: $0) == .late } }
        let other = late(try session.run("2x", worker: 1))
        let plain = late(try session.run("1x"))
        let deeper = late(try session.run("1a"))
        #expect(!plain.isEmpty && !other.isEmpty && plain.isDisjoint(with: other))
        #expect(plain != deeper)
        let crashed = try session.run("1ab")
        // clang links UBSan's handler of signals with -fsanitize=fuzzer-no-link in some versions.
        #expect([.signalled, .sanitizer].contains(crashed.verdict.kind))
        #expect(!late(crashed).isEmpty && late(crashed) != plain, "coverage of the child that crashed")
        #expect(late(try session.run("1x", worker: 1)) == plain)
        #expect(late(try session.run("2x")) == other)
    }

    /// The limit holds for the files of the input, not for the counters that the runtime moves in its child.
    @Test(arguments: [ResetStrategy.fork, .snapshot], [ForkAheadPolicy.always, .never])
    func aLateModuleNeedsNoRoomInFiles(strategy: ResetStrategy, ahead: ForkAheadPolicy) throws {
        let object = try Toolchain.sharedObject("late_object.c", as: "late_1.so")
        let session = try EngineSession(Toolchain.harness("late.c")) {
            $0.strategy = strategy
            $0.forkAhead = ahead
            $0.limits.fileSizeBytes = 4096
            $0.environment["LATE_OBJECT"] = object
        }
        for _ in 0..<10 {
            let result = try session.run("1x")
            #expect(result.verdict.kind == .passed, "\(result.verdict.kind) \(result.verdict.signal)")
            #expect(result.edges.contains { session.kind(ofEdge: $0) == .late })
        }
    }

    @Test(arguments: [ResetStrategy.fork, .reboot])
    func sourceCoverageOfEveryChildArrives(strategy: ResetStrategy) throws {
        let path = Toolchain.scratch("coverage-\(strategy).profraw")
        let program = try Toolchain.harness("counted.c", ["-fprofile-instr-generate", "-fcoverage-mapping"])
        let session = try EngineSession(program) {
            $0.workers = 2
            $0.strategy = strategy
            $0.profilePath = path
            $0.limits.inputTimeoutMicroseconds = 200_000
        }
        for worker in 0..<2 {
            for _ in 0..<2 { #expect(try session.run("P", worker: worker).verdict.kind == .passed) }
            #expect(try session.run("C", worker: worker).verdict.kind == .signalled)
            #expect(try session.run("H", worker: worker).verdict.kind == .inputTimeout)
        }
        session.server.stop()
        let merged = Toolchain.run("llvm-profdata", ["merge", path, "-o", path + ".merged"])
        #expect(merged.status == 0, "\(merged.output)")
        let shown = Toolchain.run("llvm-profdata", ["show", "--all-functions", "--counts", path + ".merged"]).output
        for (function, count) in [("function_passed", 4), ("function_crashed", 2), ("function_hung", 2)] {
            let lines = shown.split(separator: "\n")
            let at = try #require(lines.firstIndex { $0.contains("\(function):") }, "\(shown)")
            let counted = lines[at...].first { $0.contains("Function count:") }
            #expect(counted?.hasSuffix(" \(count)") == true, "\(function): \(counted ?? "-")")
        }
    }
}
