import ForkServer
import Fuzzing
import Storage

/// Runs inputs on a target of its own, each in a machine of its own, and says what happened in terms of signatures.
///
/// Owned by one thread, which must live as long as the target. A machine parent that is lost is started again; one that
/// is lost with the same input again and again is an error.
package final class CrashRunner {
    private let configuration: TargetConfiguration
    private var server: ForkServer
    private var describer: CrashDescriber
    private let reporter: FailureReporter
    /// Reports by description, so that the same stack is symbolised once.
    private var reports: [String: FailureReport] = [:]
    private static let lossLimit = 3

    /// Starts the target.
    ///
    /// - Parameters:
    ///   - target: with the strategy that inputs are to be run under; `workers` is not used.
    ///   - maxInputBytes: no input that is run later is longer.
    package init(target: TargetConfiguration, maxInputBytes: Int) throws(ForkServerError) {
        var configuration = target
        configuration.workers = 1
        configuration.maxInputBytes = max(maxInputBytes, 1)
        self.configuration = configuration
        server = ForkServer(configuration: configuration)
        try server.start()
        describer = CrashDescriber(modules: server.modules)
        reporter = FailureReporter(elf: describer.symbolizer)
    }

    package var modules: ModuleTable? { server.modules }
    /// What the target printed while it initialised.
    package var initialOutput: [UInt8] { server.initialOutput }

    /// Runs an input once.
    package func run(_ input: [UInt8]) throws(ForkServerError) -> ObservedRun {
        for run in try run(sequence: [input]) { return run }
        throw ForkServerError(.parentLost, program: configuration.program, cause: "no verdict came")
    }

    /// Runs an input several times.
    package func run(_ input: [UInt8], times: Int) throws(ForkServerError) -> [ObservedRun] {
        try run(sequence: [[UInt8]](repeating: input, count: times))
    }

    /// Runs inputs one after the other; under `none`, `reboot` and `snapshot` in one runner, until one of them ends it.
    package func run(sequence inputs: [[UInt8]]) throws(ForkServerError) -> [ObservedRun] {
        var verdicts: [Verdict] = []
        var losses = 0
        while verdicts.count < inputs.count {
            do throws(ForkServerError) {
                try InputRunner(server: server).run(Array(inputs[verdicts.count...])) { _, verdict, _ in
                    verdicts.append(verdict)
                }
            } catch {
                losses += 1
                guard error.step == .parentLost, losses <= Self.lossLimit else { throw error }
                try restart()
            }
        }
        return verdicts.map(observe)
    }

    /// A new machine, and so a new runner.
    package func restart() throws(ForkServerError) {
        server.stop()
        server = ForkServer(configuration: configuration)
        try server.start()
        describer = CrashDescriber(modules: server.modules)
    }

    package func stop() { server.stop() }

    /// Where an input hangs, or what it allocates in; empty where that cannot be seen. Under `fork` only.
    package func hangStack(of input: [UInt8], nanoseconds: UInt64) throws(ForkServerError) -> [StackFrame] {
        try HangSampler(server: server, describer: describer, reporter: reporter)
            .commonStack(of: input, nanoseconds: nanoseconds)
    }

    private func observe(_ verdict: Verdict) -> ObservedRun {
        guard verdict.findingKind != nil else { return ObservedRun(verdict: verdict) }
        let description = describer.describe(verdict)
        let report = report(on: description)
        return ObservedRun(
            verdict: verdict, signature: CrashSignature(verdict, description, report), description: description, report: report)
    }

    private func report(on description: CrashDescription) -> FailureReport? {
        guard !description.frames.isEmpty || description.report != nil else { return nil }
        // Addresses change with each start, offsets do not.
        let key = description.error + description.frames.map { "\($0.module)+\($0.offset)" }.joined(separator: ",")
        if description.report == nil, let known = reports[key] { return known }
        let report = reporter.report(on: description)
        reports[key] = report
        return report
    }
}
