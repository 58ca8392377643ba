import ForkServer
import Fuzzing

/// Runs the candidates of a `Minimizer` on all workers of a target, and tells it which of them fail as the original does.
///
/// Owned by one thread. A lost machine parent is replaced, and what was under way runs again.
package final class CandidateRunner {
    private struct Running {
        var candidate: Minimizer.Candidate
        /// Of the run that is under way.
        var sequence: ExecutionSequence
        var isWanted = true
        var failedForks = 0
        var runs = 0
        var failures = 0
    }

    private var server: ForkServer
    private var describer: CrashDescriber?
    private let tables = SymbolTables()
    private var running: [[Running]] = []
    private var losses = 0
    /// Inputs that were run, also those whose outcome nobody asked for in the end.
    package private(set) var executions: UInt64 = 0

    /// Machine parents lost before this gives up, and forks that fail before an input counts as harmless.
    private static let lossLimit = 5
    private static let forkLimit = 3
    /// Candidates under way for each worker: two, so that none waits for the daemon; more where nothing has been accepted for long,
    /// as looking ahead costs nothing then.
    private static let leastDepth = 2
    private static let mostDepth = 6

    /// - Parameter meanwhile: is called while the target initialises.
    package init(configuration: TargetConfiguration, meanwhile: () -> Void = {}) throws(ForkServerError) {
        server = ForkServer(configuration: configuration)
        try start(meanwhile)
    }

    private func start(_ meanwhile: () -> Void = {}) throws(ForkServerError) {
        try server.start {
            // The first failure is described by these.
            tables.read(server.configuration.program)
            meanwhile()
        }
        describer = server.modules.map { CrashDescriber(modules: $0, tables: tables) }
        running = [[Running]](repeating: [], count: server.workerCount)
    }

    /// Has the target end, which takes a while, before `stop` waits for it. Nothing may be run any more.
    package func beginStop() { server.beginStop() }

    package func stop() { server.stop() }

    /// What an input does, several times over, with a description of each; in the order of completion.
    package func outcomes(
        of input: [UInt8], times: Int
    ) throws(ForkServerError) -> [(outcome: Outcome, description: CrashDescription)] {
        var results: [(Outcome, CrashDescription)] = []
        var submitted = 0
        // Candidates that nobody waited for any more.
        var stale = (0..<server.workerCount).map(server.inFlight(worker:))
        running = running.map { _ in [] }
        while results.count < times {
            for worker in 0..<server.workerCount {
                let share = (times + server.workerCount - 1) / server.workerCount
                while submitted < times, server.inFlight(worker: worker) - max(0, stale[worker]) < share, server.hasRoom(worker: worker) {
                    server.submit(ExecutionRequest(input: input), to: worker)
                    submitted += 1
                }
            }
            var isTaken = false
            for worker in 0..<server.workerCount {
                isTaken =
                    server.takeVerdict(worker: worker) { _, verdict, _, _, _ in
                        stale[worker] -= 1
                        guard stale[worker] < 0, let describer else { return }
                        executions += 1
                        results.append((describer.outcome(of: verdict), describer.describe(verdict)))
                    } || isTaken
            }
            if isTaken { continue }
            do throws(ForkServerError) { try server.wait(timeoutMilliseconds: 1000) } catch {
                try restart(after: error)
                submitted = results.count
                stale = stale.map { _ in 0 }
            }
        }
        return results
    }

    /// Goes on until the minimiser is done or `isEnough` says so; `onProgress` is called after every settled candidate.
    ///
    /// - Parameter policy: how often each candidate is run.
    package func run(
        _ minimizer: inout Minimizer, wanted: Outcome, policy: TrialPolicy = .once, isEnough: () -> Bool,
        onProgress: (Minimizer) throws -> Void
    ) throws {
        while !minimizer.isDone, !isEnough() {
            submit(&minimizer, policy)
            guard running.contains(where: { !$0.isEmpty }) else { continue }
            if try settle(&minimizer, wanted, policy, onProgress) { continue }
            do throws(ForkServerError) { try server.wait(timeoutMilliseconds: 200) } catch { try recover(error) }
        }
    }

    private func submit(_ minimizer: inout Minimizer, _ policy: TrialPolicy) {
        let workers = server.workerCount
        let depth = min(workers * Self.mostDepth, workers * Self.leastDepth + minimizer.rejectedInARow / 4)
        while running.reduce(0, { $0 + $1.count(where: \.isWanted) }) < depth {
            guard let worker = (0..<workers).min(by: { load(of: $0) < load(of: $1) }), server.hasRoom(worker: worker),
                let candidate = minimizer.nextCandidate()
            else { return }
            // Where the one before it crashes, the target need not wait for the daemon to be told that this one is not wanted.
            let needsPass = policy == .once && running[worker].last?.isWanted == true
            let sequence = server.submit(ExecutionRequest(input: candidate.input, needsPass: needsPass), to: worker)
            running[worker].append(Running(candidate: candidate, sequence: sequence))
        }
    }

    /// Inputs that a worker runs before it comes to a further one.
    private func load(of worker: Int) -> Int {
        running[worker].enumerated().count { $0.offset == 0 || $0.element.isWanted }
    }

    /// What is under way behind a candidate that was taken need not run any more.
    private func withdraw(whatIsNotOf minimizer: Minimizer) {
        for worker in running.indices {
            for index in running[worker].indices where running[worker][index].isWanted {
                if minimizer.isUnderWay(running[worker][index].candidate) { continue }
                running[worker][index].isWanted = false
                server.withdraw(running[worker][index].sequence, of: worker)
            }
        }
    }

    private func settle(
        _ minimizer: inout Minimizer, _ wanted: Outcome, _ policy: TrialPolicy, _ onProgress: (Minimizer) throws -> Void
    ) throws -> Bool {
        var isTaken = false
        for worker in running.indices {
            var seen: Outcome?
            while server.takeVerdict(
                worker: worker, { _, verdict, _, _, _ in seen = verdict.isWithdrawn ? nil : describer?.outcome(of: verdict) })
            {
                isTaken = true
                var done = running[worker].removeFirst()
                guard seen != nil else {
                    // It crashed, but not as the original does.
                    if minimizer.isUnderWay(done.candidate) { again(done, worker) }
                    continue
                }
                executions += 1
                if seen == .lost, done.isWanted, done.failedForks < Self.forkLimit {
                    done.failedForks += 1
                    again(done, worker)
                    continue
                }
                done.runs += 1
                guard done.isWanted || policy == .once else { continue }
                if seen == wanted { done.failures += 1 }
                guard let stillFails = policy.verdict(failures: done.failures, runs: done.runs) else {
                    again(done, worker)
                    continue
                }
                minimizer.settle(done.candidate, stillFails: stillFails)
                if stillFails { withdraw(whatIsNotOf: minimizer) }
                try onProgress(minimizer)
            }
        }
        return isTaken
    }

    private func again(_ one: Running, _ worker: Int) {
        var one = one
        one.sequence = server.submit(ExecutionRequest(input: one.candidate.input), to: worker)
        running[worker].append(one)
    }

    private func recover(_ error: ForkServerError) throws(ForkServerError) {
        let lost = running.joined().filter(\.isWanted)
        try restart(after: error)
        for (index, one) in lost.enumerated() {
            again(one, index % server.workerCount)
        }
    }

    private func restart(after error: ForkServerError) throws(ForkServerError) {
        losses += 1
        guard losses <= Self.lossLimit else { throw error }
        let configuration = server.configuration
        server.stop()
        server = ForkServer(configuration: configuration)
        try start()
    }
}

extension CommandFailure {
    /// Why a target could not be started, or was lost.
    init(target error: ForkServerError) {
        let code: FuzzdExitCode =
            switch error.step {
            case .noCoverage: .noCoverage
            case .abiMismatch: .abiMismatch
            default: .targetUnusable
            }
        self.init(code, error.description)
    }
}
