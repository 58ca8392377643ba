import ForkServer
import Fuzzing
import Glibc
import Testing

/// What the kernel seems to answer, one after the other.
private let errors = [EINVAL, ENOMEM, EAGAIN, EPERM]

/// Numbers on x86-64.
private enum SystemCall {
    static let mmap: UInt32 = 9
    static let futex: UInt32 = 202
}

@Suite("Forked ahead: killed, crashed or refused at every step", .serialized)
struct ForkAheadFaultTests {
    private static let inputs = ["s", "x", "cas", "f", "w", "n"]

    private func session(_ environment: [String: String]) throws -> TargetSession {
        try TargetSession {
            $0.forkAhead = .always
            $0.environment.merge(environment) { $1 }
        }
    }

    /// Runs each input, with the pipeline full, and wants of each what it does without faults.
    private func runAll(_ session: TargetSession, _ inputs: [String], _ reference: [String: [UInt32]], _ place: String) throws {
        var (submitted, seen) = (0, 0)
        while seen < inputs.count {
            while submitted < inputs.count, session.server.hasRoom(worker: 0) {
                session.server.submit(ExecutionRequest(input: Array(inputs[submitted].utf8)), to: 0)
                submitted += 1
            }
            let isTaken = session.server.takeVerdict(worker: 0) { _, verdict, counters, _, input in
                #expect(String(decoding: input, as: UTF8.self) == inputs[seen], "\(place)")
                #expect(verdict.kind == .passed && verdict.signal == 0, "\(place): \(inputs[seen]) \(verdict.kind) \(verdict.signal)")
                // How far a process comes that is ended with its input is chance.
                if inputs[seen] != "f" { #expect(Array(counters) == reference[inputs[seen]], "\(place): \(inputs[seen])") }
                seen += 1
            }
            if !isTaken { try session.server.wait(timeoutMilliseconds: 20_000) }
        }
    }

    private func reference() throws -> [String: [UInt32]] {
        let plain = try TargetSession { $0.forkAhead = .never }
        var result: [String: [UInt32]] = [:]
        for input in Self.inputs + ["Z"] { result[input] = try plain.run(input).counters }
        return result
    }

    /// Of the machine parent's steps, and of those of a child that waits.
    @Test(arguments: [FaultPlan.Phase.ahead, .waiting], 0..<errors.count)
    func refusedAtEveryStep(phase: FaultPlan.Phase, turn: Int) throws {
        let reference = try reference()
        let plan = try FaultPlan()
        let session = try session(["FUZZD_FAULTS": plan.path])
        // Pages have been learnt by then.
        try runAll(session, Array(repeating: "x", count: 100), reference, "before")
        var (step, calls) = (0, Set<UInt32>())
        while true {
            plan.ask(phase, step: step, error: errors[(step + turn) % errors.count])
            for _ in 0..<4 where !plan.hasHappened {
                try runAll(session, Self.inputs, reference, "\(phase), step \(step)")
            }
            guard plan.hasHappened else { break }
            calls.insert(plan.call)
            try runAll(session, Self.inputs, reference, "\(phase), after step \(step) (call \(plan.call))")
            step += 1
        }
        plan.askForNone()
        let before = session.server.inputsOfChildrenAhead
        try runAll(session, Array(repeating: "x", count: 50), reference, "afterwards")
        #expect(session.server.inputsOfChildrenAhead >= before + 45, "children are forked ahead again")
        #expect(step > 0 && session.leftovers() == [], "\(step) steps, calls \(calls.sorted())")
        if phase == .ahead { #expect(calls.contains(SystemCall.mmap), "\(calls.sorted())") }
        if phase == .waiting { #expect(calls.contains(SystemCall.futex), "\(calls.sorted())") }
    }

    /// Children whose inputs take their time, so that pages are learnt: each second of the first ones tells its own.
    @Test func refusedAtEveryStepOfTellingPages() throws {
        let reference = try reference()
        var step = 0
        while true {
            let plan = try FaultPlan()
            plan.ask(.sample, step: step, error: errors[step % errors.count])
            let session = try session(["FUZZD_FAULTS": plan.path])
            try runAll(session, Array(repeating: "w", count: 40), reference, "step \(step)")
            guard plan.hasHappened else { break }
            step += 1
        }
        #expect(step > 3, "\(step) steps")
    }

    @Test func aWaitingChildThatIsKilledAtAnyStepIsNoInputsFault() throws {
        let reference = try reference()
        let plan = try FaultPlan()
        let session = try session(["FUZZD_FAULTS": plan.path])
        try runAll(session, Array(repeating: "x", count: 100), reference, "before")
        var step = 0
        while true {
            plan.ask(.waiting, step: step, error: 0)
            for _ in 0..<4 where !plan.hasHappened { try runAll(session, Self.inputs, reference, "step \(step)") }
            guard plan.hasHappened else { break }
            try runAll(session, Self.inputs, reference, "after step \(step) (call \(plan.call))")
            step += 1
        }
        #expect(step > 0)
    }

    /// Where the way ahead cannot be had, children are forked when their turn comes.
    @Test func refusedAtEveryStepOfGettingReady() throws {
        let reference = try reference()
        var (step, plain) = (0, 0)
        while true {
            let plan = try FaultPlan()
            plan.ask(.aheadStart, step: step, error: errors[step % errors.count])
            let session = try session(["FUZZD_FAULTS": plan.path])
            try runAll(session, Array(repeating: "x", count: 20), reference, "step \(step)")
            if session.server.inputsOfChildrenAhead == 0 { plain += 1 }
            guard plan.hasHappened else { break }
            step += 1
        }
        #expect(step > 1 && plain > 1 && plain <= step, "\(step) steps, \(plain) without children ahead")
    }

    @Test(arguments: [2, 3, 7])
    func aForkThatFailsLeavesTheInputToTheNextOne(interval: Int) throws {
        let reference = try reference()
        let session = try session(["PUZZLE_REFUSED_FORKS": "\(interval)"])
        for _ in 0..<20 { try runAll(session, Self.inputs, reference, "every \(interval)") }
        let ahead = session.server.inputsOfChildrenAhead
        #expect(interval == 2 ? ahead == 0 : ahead >= 60 && ahead < 120, "\(ahead)")
    }

    /// The crash handler, or a sanitizer's, must not write into the slot of the input that runs or ran last.
    @Test(arguments: [SIGSEGV, SIGABRT, SIGBUS, SIGTERM])
    func aWaitingChildThatCrashesIsNoInputsFault(signal: Int32) throws {
        let session = try session([:])
        for turn in 0..<6 {
            #expect(try session.run("x").verdict.kind == .passed)
            // While none runs, and while one does.
            if turn % 2 == 0 { kill(try #require(session.waitingChildren().first), signal) }
            session.server.submit(ExecutionRequest(input: Array("Z".utf8)), to: 0)
            if turn % 2 == 1 {
                var waiting: [Int32] = []
                for _ in 0..<100_000 where waiting.isEmpty {
                    waiting = Array(children(of: session.server.processID).dropFirst())
                    sched_yield()
                }
                for child in waiting { kill(child, signal) }
            }
            var seen: Verdict?
            while seen == nil {
                if !session.server.takeVerdict(worker: 0, { _, verdict, _, _, _ in seen = verdict }) {
                    try session.server.wait(timeoutMilliseconds: 20_000)
                }
            }
            #expect(seen?.kind == .passed && seen?.signal == 0, "turn \(turn): \(seen as Any)")
            #expect(try session.run("s").verdict.kind == .passed)
        }
        #expect(session.leftovers() == [])
    }

    private func children(of process: Int32) -> [Int32] {
        ProcessList.all().filter { $0.parent == process }.map(\.pid).sorted()
    }
}
