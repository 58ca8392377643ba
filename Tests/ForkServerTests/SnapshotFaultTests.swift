import ForkServer
import Fuzzing
import Glibc
import Testing

/// What the kernel seems to answer, one after the other.
private let errors = [EINVAL, ENOMEM, EMFILE, EPERM]

/// Inputs of `puzzle-target` whose resets undo something of each kind.
private let states = [
    "kg", "kh", "ks", "km", "kq", "kp", "kb", "ko", "kc", "kr", "kR", "kf", "kn", "kO", "kF", "kH", "kk", "kP", "kA", "ki",
    "kt", "ky", "kw", "kd", "kL", "kN", "kC", "ku", "x",
]

@Suite("Snapshot: killed or refused at every step", .serialized)
struct SnapshotFaultTests {
    @Test(arguments: states)
    func killedAtEveryStepOfAReset(input: String) throws {
        try faultAtEveryStepOfAReset(after: input) { _ in 0 }
    }

    @Test(arguments: states)
    func refusedAtEveryStepOfAReset(input: String) throws {
        for turn in 0..<errors.count {
            try faultAtEveryStepOfAReset(after: input) { errors[($0 + turn) % errors.count] }
        }
    }

    private func faultAtEveryStepOfAReset(after input: String, _ error: (Int) -> Int32) throws {
        let plan = try FaultPlan()
        let session = try TargetSession.verified(plan)
        let reference = try session.runAndReset(input, plan)
        try #require(reference.verdict.kind == .passed)
        var step = 0
        while true {
            let before = session.server.replacedRunners.count
            plan.ask(.reset, step: step, error: error(step))
            // An input's own verdict stands before its reset; the next one must not see that something went wrong.
            for turn in 0..<2 {
                let result = try session.runAndReset(input, plan)
                try #require(
                    result.verdict.kind == .passed,
                    "step \(step) (call \(plan.call)), turn \(turn): \(result.verdict.kind) \(result.verdict.signal)")
                #expect(result.counters == reference.counters, "step \(step) (call \(plan.call)), turn \(turn)")
            }
            guard plan.hasHappened else { break }
            try #require(
                session.server.resetStatistics.differingChecks == 0,
                "step \(step) (call \(plan.call)): \(session.server.firstResetDifference as Any)")
            let replaced = session.server.replacedRunners
            // `ku` costs the runner every time.
            let usual: UInt64 = input == "ku" ? 2 : 0
            if error(step) == 0 {
                #expect(replaced.count - before == (usual == 0 ? 1 : 2), "step \(step) (call \(plan.call))")
                #expect(replaced.causes.contains("they ended between two inputs"))
            } else {
                #expect(replaced.count - before <= usual + 1, "step \(step) (call \(plan.call))")
            }
            step += 1
        }
        plan.askForNone()
        #expect(step > 0, "no step was seen")
        #expect(session.server.resetStatistics.differingChecks == 0, "\(session.server.firstResetDifference as Any)")
        #expect(session.server.snapshotAbandonment == nil)
    }

    @Test func killedAtEveryStepOfTakingASnapshot() throws {
        try faultAtEveryStepOfTakingASnapshot { _ in 0 }
    }

    @Test(arguments: 0..<errors.count)
    func refusedAtEveryStepOfTakingASnapshot(turn: Int) throws {
        try faultAtEveryStepOfTakingASnapshot { errors[($0 + turn) % errors.count] }
    }

    private func faultAtEveryStepOfTakingASnapshot(_ error: (Int) -> Int32) throws {
        let isKilled = error(0) == 0
        let plan = try FaultPlan()
        let session = try TargetSession.verified(plan)
        let reference = try session.runAndReset("kg", plan)
        var step = 0
        while true {
            let before = session.server.replacedRunners.count
            plan.ask(.snapshot, step: step, error: error(step))
            // Costs the runner; the next one takes a snapshot.
            let snapshots = plan.begun(.snapshot)
            #expect(try session.run("ku").verdict.kind == .passed)
            try plan.wait(for: .snapshot, after: snapshots)
            for letter in ["kg", "kc", "kO", "kg"] {
                let result = try session.runAndReset(letter, plan)
                try #require(
                    result.verdict.kind == .passed,
                    "step \(step) (call \(plan.call)), \(letter): \(result.verdict.kind) \(result.verdict.signal)")
                if letter == "kg" { #expect(result.counters == reference.counters, "step \(step) (call \(plan.call))") }
            }
            guard plan.hasHappened else { break }
            try #require(
                session.server.resetStatistics.differingChecks == 0,
                "step \(step) (call \(plan.call)): \(session.server.firstResetDifference as Any)")
            let count = session.server.replacedRunners.count - before
            // A step that may fail leaves less that can be undone, at most.
            #expect(isKilled ? count == 2 : count >= 1 && count <= 4, "step \(step) (call \(plan.call)): \(count)")
            step += 1
        }
        plan.askForNone()
        #expect(step > 50, "too few steps: \(step)")
        #expect(session.server.resetStatistics.differingChecks == 0, "\(session.server.firstResetDifference as Any)")
        #expect(session.server.snapshotAbandonment == nil, "one failure is no reason to give up")
        let causes = session.server.replacedRunners.causes
        #expect(causes.contains(isKilled ? "they ended between two inputs" : "the kernel refused a step"), "\(causes)")
    }

    @Test func everyStepOfCopyingForAll() throws {
        var step = 0
        while true {
            let plan = try FaultPlan()
            plan.ask(.pristine, step: step, error: errors[step % errors.count])
            let session = try TargetSession.verified(plan)
            #expect(session.server.snapshotRefusal == nil)
            for _ in 0..<3 { #expect(try session.runAndReset("kg", plan).verdict.kind == .passed) }
            #expect(session.server.resetStatistics.differingChecks == 0, "step \(step) (call \(plan.call))")
            guard plan.hasHappened else { break }
            step += 1
        }
        #expect(step > 5, "too few steps: \(step)")
    }

    /// Inputs wait in line while the runner before them is killed: none is lost, none runs twice.
    @Test func noInputIsLostOrCountedTwice() throws {
        let plan = try FaultPlan()
        let session = try TargetSession.verified(plan)
        let inputs = (0..<64).map { "kg\($0)" }
        var step = 0
        while true {
            plan.ask(.reset, step: step, error: step % 2 == 0 ? 0 : EPERM)
            var seen: [String] = []
            var submitted = 0
            while seen.count < inputs.count {
                while submitted < inputs.count, submitted - seen.count < 4 {
                    session.server.submit(ExecutionRequest(input: Array(inputs[submitted].utf8)), to: 0)
                    submitted += 1
                }
                let isTaken = session.server.takeVerdict(worker: 0) { _, verdict, _, _, input in
                    #expect(verdict.kind == .passed, "step \(step): \(verdict.kind)")
                    seen.append(String(decoding: input, as: UTF8.self))
                }
                if !isTaken { try session.server.wait(timeoutMilliseconds: 20_000) }
            }
            #expect(seen == inputs, "step \(step)")
            guard plan.hasHappened else { break }
            step += 1
        }
        #expect(step > 3, "too few steps: \(step)")
    }
}
