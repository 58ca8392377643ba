import ForkServer
import Fuzzing
import Glibc
import Storage

/// Where an input hangs or eats memory. Nothing is on record when a timer or a limit ends a child, so it is run again a few times and
/// stopped by a signal at different moments; what all of its stacks have in common is the loop.
///
/// Owned by one thread, on a started target under `fork`.
package struct HangSampler {
    /// Moments of the known duration at which a run is stopped, in percent.
    private static let moments = [25, 55, 85, 30, 70, 40, 60, 35, 80, 50, 65, 75]
    /// No further sample is taken after this time; three are in any case.
    private static let limitSeconds = 5.0
    private static let fewestSamples = 3
    /// Where no crash handler of a target or of its sanitizer stands by default.
    private static let signal = SIGTRAP

    let server: ForkServer
    let describer: CrashDescriber
    let reporter: FailureReporter

    /// The frames that all samples share, innermost first; empty where there are fewer than two samples.
    ///
    /// - Parameter nanoseconds: how long the input ran until it was ended.
    func commonStack(of input: [UInt8], nanoseconds: UInt64) throws(ForkServerError) -> [StackFrame] {
        var stacks: [[StackFrame]] = []
        let deadline = CampaignClock.now() + Self.limitSeconds
        for (index, moment) in Self.moments.enumerated() {
            if index >= Self.fewestSamples, CampaignClock.now() > deadline { break }
            guard let frames = try sample(input, atNanoseconds: nanoseconds / 100 * UInt64(moment)) else { continue }
            let inside = Self.insideHarness(frames)
            if !inside.isEmpty { stacks.append(inside) }
        }
        guard stacks.count > 1, let first = stacks.first else { return [] }
        return stacks.dropFirst().reduce(first, Self.common)
    }

    /// The outermost frames, as far as they are equal by function; where the functions part, positions in a loop differ.
    package static func common(_ left: [StackFrame], _ right: [StackFrame]) -> [StackFrame] {
        let pairs = zip(left.reversed(), right.reversed())
        return Array(pairs.prefix { $0.place == $1.place }.map(\.0).reversed())
    }

    private static let outside = ["TargetRuntime.ForkServer.", "fuzzd_run_in_place", "fuzzd_run_copy_in_place"]

    /// The frames that the harness and what it called have: the fork server makes some children ahead and others when they are needed, and
    /// calls the harness from different places. Empty for a child that was stopped before or behind the harness.
    package static func insideHarness(_ stack: [StackFrame]) -> [StackFrame] {
        let inside = Array(stack.prefix { frame in !outside.contains { (frame.function ?? "").hasPrefix($0) } })
        return Machinery.ownFrames(of: inside).isEmpty ? [] : inside
    }

    private func sample(_ input: [UInt8], atNanoseconds moment: UInt64) throws(ForkServerError) -> [StackFrame]? {
        guard server.hasRoom(worker: 0) else { return nil }
        server.submit(ExecutionRequest(input: input), to: 0)
        var isStopped = false
        var verdict: Verdict?
        while verdict == nil {
            if !isStopped, let (process, started) = server.runningInput(worker: 0), Self.now() > started &+ moment {
                isStopped = kill(process, Self.signal) == 0
            }
            if !server.takeVerdict(worker: 0, { _, taken, _, _, _ in verdict = taken }) {
                try server.wait(timeoutMilliseconds: isStopped ? 100 : 1)
            }
        }
        guard let verdict, verdict.kind == .signalled, verdict.signal == Self.signal, verdict.crash != nil else { return nil }
        let description = describer.describe(verdict)
        return reporter.report(on: description).stack
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
