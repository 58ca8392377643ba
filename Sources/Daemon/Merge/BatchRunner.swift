import ForkServer
import Fuzzing

/// Runs batches of inputs on all workers of a target and says in their order what each did; for `merge` and `corpus`.
///
/// Owned by one thread. A lost machine parent is replaced, and what was under way runs again.
final class BatchRunner {
    private(set) var server: ForkServer
    private var describer: CrashDescriber?
    private var losses = 0
    private static let lossLimit = 5

    init(configuration: TargetConfiguration) throws(ForkServerError) {
        server = ForkServer(configuration: configuration)
        try start()
    }

    private func start() throws(ForkServerError) {
        try server.start()
        describer = server.modules.map(CrashDescriber.init(modules:))
    }

    func stop() { server.stop() }

    /// One line about a failure.
    func summary(of verdict: Verdict) -> String {
        TerminalText.sanitised(describer?.describe(verdict).summary ?? verdict.kind.rawValue)
    }

    func run(_ inputs: [[UInt8]]) throws(ForkServerError) -> [CorpusMerge.Run] {
        var results = [CorpusMerge.Run?](repeating: nil, count: inputs.count)
        var waiting = Array(inputs.indices.reversed())
        var running = [[Int]](repeating: [], count: server.workerCount)
        while !waiting.isEmpty || running.contains(where: { !$0.isEmpty }) {
            for worker in running.indices {
                while server.hasRoom(worker: worker), let index = waiting.popLast() {
                    server.submit(ExecutionRequest(input: inputs[index]), to: worker)
                    running[worker].append(index)
                }
            }
            var isTaken = false
            for worker in running.indices {
                var run: CorpusMerge.Run?
                while server.takeVerdict(
                    worker: worker, { _, verdict, counters, _, _ in run = CorpusMerge.Run(verdict: verdict, counters: Array(counters)) })
                {
                    results[running[worker].removeFirst()] = run
                    isTaken = true
                }
            }
            if isTaken { continue }
            do throws(ForkServerError) { try server.wait(timeoutMilliseconds: 1000) } catch {
                losses += 1
                guard losses <= Self.lossLimit else { throw error }
                let configuration = server.configuration
                server.stop()
                server = ForkServer(configuration: configuration)
                try start()
                waiting += running.joined()
                running = [[Int]](repeating: [], count: server.workerCount)
            }
        }
        return results.compactMap { $0 }
    }
}
