import ForkServer
import Fuzzing
import Glibc
import Testing

@Suite("Timers and limits of a child", .serialized)
struct LimitTests {
    @Test func aThousandEndlessInputsLeaveNothingBehind() throws {
        let session = try TargetSession { $0.limits.inputTimeoutMicroseconds = 2_000 }
        let parent = session.server.processID
        _ = try session.run("x")
        let descriptors = ProcessList.descriptorCount(parent)
        for number in 0..<1000 {
            let endless = ["L", "i", "S", "f"][number % 4]
            let verdict = try session.run(endless).verdict
            // "f" ends by itself and leaves a process; the others are ended.
            #expect(endless == "f" || verdict.kind == .inputTimeout)
        }
        #expect(session.leftovers() == [])
        #expect(ProcessList.descriptorCount(parent) == descriptors)
    }

    /// While it shares its processor with its children, the machine parent looks at a child before it watches it.
    @Test func limitsHoldOnOneProcessorToo() throws {
        let session = try TargetSession { $0.limits.inputTimeoutMicroseconds = 500_000 }
        let parent = session.server.processID
        let all = ProcessList.processors(parent)
        var inputs = 0
        while all > 1, ProcessList.processors(parent) > 1, inputs < 100_000 {
            #expect(try session.run("x").verdict.kind == .passed)
            inputs += 1
        }
        #expect(all == 1 || ProcessList.processors(parent) == 1)
        #expect(try session.run("L").verdict.kind == .inputTimeout)
        #expect(try session.run("d").verdict.kind == .passed)
        #expect(try session.run("x").verdict.kind == .passed)
        #expect(session.leftovers() == [])
    }

    @Test func whatLeftTheProcessGroupDiesToo() throws {
        let session = try TargetSession()
        #expect(try session.run("x").verdict.kind == .passed)
        let before = ProcessList.all().filter { $0.parent == session.server.processID }.count
        for _ in 0..<20 { #expect(try session.run("d").verdict.kind == .passed) }
        #expect(ProcessList.all().filter { $0.parent == session.server.processID }.count == before)
        // Both took sessions of their own, so only their program's name would still tell them; none is below us.
        #expect(session.leftovers() == [])
    }

    @Test(arguments: [ResetStrategy.fork, .reboot])
    func theOperationLimitIsRenewedByOperations(strategy: ResetStrategy) throws {
        let session = try TargetSession {
            $0.strategy = strategy
            $0.limits.operationTimeoutMicroseconds = 100_000
            $0.limits.inputTimeoutMicroseconds = 1_500_000
        }
        let silent = try session.run("L").verdict
        #expect(silent.kind == .operationTimeout)
        let busy = try session.run("o").verdict
        #expect(busy.kind == .inputTimeout)
        #expect(busy.operations > 100)
    }

    @Test func memoryIsLimited() throws {
        let session = try TargetSession { $0.limits.memoryBytes = 128 << 20 }
        #expect(try session.run("x").verdict.kind == .passed)
        let verdict = try session.run("M").verdict
        #expect(verdict.kind == .outOfMemory)
        #expect(try session.run("x").verdict.kind == .passed)
    }

    @Test func processesAreLimited() throws {
        let session = try TargetSession { $0.limits.processes = 8 }
        #expect(try session.run("B").verdict.kind == .tooManyProcesses)
        #expect(session.leftovers() == [])
    }

    @Test func outputIsKeptUpToTheCapAndThenDropped() throws {
        let session = try TargetSession { $0.limits.outputBytes = 8192 }
        let verdict = try session.run("p").verdict
        #expect(verdict.kind == .passed)
        #expect(verdict.output.count == 8192)
        #expect(verdict.outputBytesTotal == 16 << 20)
        #expect(try session.run("x").verdict.output.isEmpty)
    }

    @Test func descriptorsAndFileSizeAreLimited() throws {
        let session = try TargetSession {
            $0.limits.descriptors = 64
            $0.limits.fileSizeBytes = 1 << 20
        }
        #expect(try session.run("D").verdict.kind == .passed)
        let large = try session.run("W").verdict
        #expect(large.kind == .signalled && large.signal == SIGXFSZ)
    }
}
