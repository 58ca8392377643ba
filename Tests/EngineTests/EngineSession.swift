import ForkServer
import Fuzzing

/// A started harness, and a plain way to run one input after the other.
struct EngineSession {
    struct Result {
        var verdict: Verdict
        var counters: [UInt32]
        var comparisons: [Comparison]
        var executedInput: [UInt8]

        var output: String { String(decoding: verdict.output, as: UTF8.self) }
        var edges: Set<UInt32> { Set(counters.map { $0 >> 8 }) }
    }

    let server: ForkServer

    init(_ program: String, _ adjust: (inout TargetConfiguration) -> Void = { _ in }) throws {
        var configuration = TargetConfiguration(program: program)
        configuration.limits.inputTimeoutMicroseconds = 20_000_000
        configuration.limits.operationTimeoutMicroseconds = 0
        adjust(&configuration)
        server = ForkServer(configuration: configuration)
        try server.start()
    }

    func run(_ text: String, worker: Int = 0) throws -> Result {
        try run(ExecutionRequest(input: Array(text.utf8)), worker: worker)
    }

    func run(_ request: ExecutionRequest, worker: Int = 0) throws -> Result {
        server.submit(request, to: worker)
        var result: Result?
        while true {
            let isTaken = server.takeVerdict(worker: worker) { _, verdict, counters, comparisons, input in
                result = Result(
                    verdict: verdict, counters: Array(counters), comparisons: comparisons,
                    executedInput: Array(input))
            }
            if isTaken, let result { return result }
            try server.wait(timeoutMilliseconds: 20_000)
        }
    }

    /// The module that an edge belongs to.
    func kind(ofEdge edge: UInt32) -> ModuleTable.Module.Kind? {
        server.modules?.modules.first { $0.firstEdge <= Int(edge) && Int(edge) < $0.firstEdge + $0.counterCount }?.kind
    }
}
