import ForkServer
import Fuzzing
import Storage

/// A started harness, for the modes that run inputs of their own making one after the other.
final class LibFuzzerTarget {
    typealias Run = CorpusMerge.Run

    private(set) var server: ForkServer
    let modules: ModuleTable
    private let session: LibFuzzerSession
    private let describer: CrashDescriber
    /// Names functions and lines where a failure is reported; most runs have none.
    private lazy var reporter = FailureReporter(elf: describer.symbolizer)
    private var losses = 0
    private static let lossLimit = 5

    init(server: ForkServer, modules: ModuleTable, session: LibFuzzerSession) {
        self.server = server
        self.modules = modules
        self.session = session
        describer = CrashDescriber(modules: modules)
    }

    /// Runs one input to its end.
    func run(_ input: [UInt8], mutatorSeed: UInt32? = nil) throws -> Run {
        try run([ExecutionRequest(input: input, customMutatorSeed: mutatorSeed)])[0].run
    }

    /// Runs inputs with the pipeline full and returns what each did, and what ran, in order. Stops early once `isEnough`
    /// holds for one; what is under way then still ends.
    func run(
        _ requests: [ExecutionRequest], until isEnough: (Run) -> Bool = { _ in false }
    ) throws -> [(run: Run, input: [UInt8])] {
        var results: [(run: Run, input: [UInt8])] = []
        var submitted = 0
        var isDone = false
        while results.count < submitted || (submitted < requests.count && !isDone) {
            while !isDone, submitted < requests.count, server.hasRoom(worker: 0) {
                server.submit(requests[submitted], to: 0)
                submitted += 1
            }
            let isTaken = server.takeVerdict(worker: 0) { _, verdict, counters, _, executed in
                let run = Run(verdict: verdict, counters: Array(counters))
                results.append((run, Array(executed)))
                if isEnough(run) { isDone = true }
            }
            if isTaken { continue }
            do throws(ForkServerError) {
                try server.wait(timeoutMilliseconds: 1000)
            } catch {
                try restart(after: error)
                submitted = results.count
            }
        }
        return results
    }

    /// The machine parent is gone: a new one takes what was under way.
    private func restart(after error: ForkServerError) throws {
        losses += 1
        guard losses <= Self.lossLimit else { throw LibFuzzerFailure(message: "ERROR: fuzzd: \(error.description)") }
        session.log.say("WARNING: \(error.description); it is started again")
        let configuration = server.configuration
        server.stop()
        server = ForkServer(configuration: configuration)
        do throws(ForkServerError) { try server.start() } catch {
            throw LibFuzzerFailure(message: "ERROR: fuzzd: \(error.description)")
        }
    }

    /// The report of a failure, with functions, files and lines.
    func finding(_ verdict: Verdict, input: [UInt8]) -> LibFuzzerFinding {
        let report = reporter.report(on: describer.describe(verdict))
        return LibFuzzerFinding(
            verdict: verdict, output: FailureReport.symbolized(verdict.output, report.lines), input: input, stack: report.stack,
            processID: server.processID, timeoutSeconds: session.arguments["timeout"],
            memoryLimitMebibytes: session.arguments["rss_limit_mb"])
    }
}
