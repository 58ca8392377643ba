import Foundation
import ForkServer
import Fuzzing
import Storage

/// Runs `fuzzd compare`.
package enum CompareRunner {
    /// A round repeats a small corpus until it has at least this many executions, so that start and end weigh little.
    private static let executionsPerRound = 500

    /// Measures the strategies and prints the report.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: CompareOptions) throws -> FuzzdExitCode {
        let corpus = try ConfiguredCorpus(
            configPath: options.configPath, corpusDirectories: options.corpusDirectories,
            reportPaths: [options.jsonPath, options.htmlPath])
        let files = corpus.files
        var measurement = StrategyComparison(files: files, target: corpus.target, strategies: options.strategies)
        do throws(ForkServerError) {
            try measurement.start()
            for round in 0..<options.rounds {
                ErrorOutput.print("INFO: round \(round + 1) of \(options.rounds)")
                try measurement.measure(round: round, executions: executionsPerRound)
            }
            for order in 0..<options.orders {
                ErrorOutput.print("INFO: order \(order + 1) of \(options.orders), seed \(options.seed)")
                try measurement.measure(order: order, seed: options.seed)
            }
        } catch {
            throw CommandFailure(.targetUnusable, error.description)
        }
        var report = CompareReport(
            subject: CompareSubject(
                campaign: corpus.configuration.name, configPath: options.configPath,
                harness: corpus.configuration.target.program, corpusDirectories: options.corpusDirectories,
                inputCount: files.count, rounds: options.rounds),
            rounds: measurement.rounds, inputs: measurement.inputs,
            replacedRunners: measurement.replacedRunners)
        if options.orders > 0 {
            report.orders = OrderComparison(
                orders: options.orders, seed: options.seed, strategies: report.strategies.map(\.strategy),
                runs: measurement.orderedRuns)
        }
        CompareTable.lines(report).forEach { print($0) }
        if let path = options.jsonPath { try ReportFile.write(CompareTable.json(report), to: path) }
        if let path = options.htmlPath { try ReportFile.write(report.html, to: path) }
        return .success
    }
}

/// One started target for each strategy, and what was measured on them.
private struct StrategyComparison {
    let files: [CorpusFile]
    let servers: [(strategy: ResetStrategy, server: ForkServer)]
    var rounds: [RoundMeasurement] = []
    var inputs: [InputMeasurement] = []
    var orderedRuns: [OrderedRun] = []

    init(files: [CorpusFile], target: TargetConfiguration, strategies: [ResetStrategy]) {
        self.files = files
        servers = strategies.map { strategy in
            var configuration = target
            configuration.strategy = strategy
            configuration.workers = 1
            return (strategy, ForkServer(configuration: configuration))
        }
    }

    func start() throws(ForkServerError) {
        for (_, server) in servers { try server.start() }
    }

    var replacedRunners: [ResetStrategy: ReplacedRunners] {
        Dictionary(uniqueKeysWithValues: servers.map { ($0.strategy, $0.server.replacedRunners) })
    }

    /// One pass of every strategy. The order turns around each round, so that a machine that slows down
    /// or speeds up is fair to all.
    mutating func measure(round: Int, executions: Int) throws(ForkServerError) {
        let order = round % 2 == 0 ? servers : servers.reversed()
        for (strategy, server) in order { try measure(strategy, server, round: round, executions: executions) }
    }

    private mutating func measure(
        _ strategy: ResetStrategy, _ server: ForkServer, round: Int, executions: Int
    ) throws(ForkServerError) {
        let passes = max(1, (executions + files.count - 1) / files.count)
        let sequence = (0..<passes).flatMap { _ in files.map(\.bytes) }
        var time = TimeShares()
        var operations: UInt64 = 0
        var seen: [InputMeasurement] = []
        let describer = server.modules.map(CrashDescriber.init(modules:))
        let start = CampaignClock.now()
        try InputRunner(server: server).run(sequence) { index, verdict, counters in
            time.forkNanoseconds += verdict.timing.forkNanoseconds
            time.childNanoseconds += verdict.timing.childNanoseconds
            time.reapingNanoseconds += verdict.timing.reapNanoseconds
            // The first input of a round also waited for the rounds of the other strategies.
            if index > 0 { time.handOverNanoseconds += verdict.timing.handOverNanoseconds }
            operations += verdict.operations
            guard round == 0, index < files.count else { return }
            seen.append(
                InputMeasurement(
                    strategy: strategy, fileName: URL(fileURLWithPath: files[index].path).lastPathComponent,
                    edges: counters.map { $0 >> 8 }, outcome: outcome(verdict, describer)))
        }
        let elapsed = CampaignClock.now() - start
        rounds.append(
            RoundMeasurement(
                strategy: strategy, round: round, executions: UInt64(sequence.count), operations: operations,
                elapsedNanoseconds: UInt64(elapsed * 1e9), time: time))
        inputs += seen
    }

    /// All inputs once under each strategy, in the same shuffled order.
    mutating func measure(order: Int, seed: UInt64) throws(ForkServerError) {
        var random = RandomSource(seed: seed &+ UInt64(order))
        let shuffled = files.shuffled(using: &random)
        for (strategy, server) in servers {
            let describer = server.modules.map(CrashDescriber.init(modules:))
            var runs: [OrderedRun] = []
            try InputRunner(server: server).run(shuffled.map(\.bytes)) { index, verdict, counters in
                runs.append(
                    OrderedRun(
                        strategy: strategy, order: order, fileName: URL(fileURLWithPath: shuffled[index].path).lastPathComponent,
                        counters: Array(counters), outcome: outcome(verdict, describer)))
            }
            orderedRuns += runs
        }
    }

    private func outcome(_ verdict: Verdict, _ describer: CrashDescriber?) -> String {
        guard verdict.kind == .signalled, let describer else { return verdict.kind.rawValue }
        return "crashed: \(describer.describe(verdict).summary)"
    }
}
