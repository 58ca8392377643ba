import Fuzzing

/// What a simulated target does with an input.
struct SimulatedExecution {
    /// Hit counts by edge.
    var edges: [UInt32: UInt8] = [:]
    var comparisons: [Comparison] = []
    var outcome = Outcome.passed

    mutating func visit(_ edge: UInt32) {
        edges[edge] = min(254, edges[edge] ?? 0) + 1
    }
}

/// A pure function from bytes to what an execution shows.
typealias SimulatedTarget = (_ input: [UInt8], _ run: inout SimulatedExecution) -> Void

/// Drives a `Fuzzer` against a simulated target with a fixed number of requests in flight.
struct SimulatedCampaign {
    var fuzzer: Fuzzer
    var target: SimulatedTarget
    /// Observations come that many requests late.
    var lag: Int
    var events: [CampaignEvent] = []
    var requests: [ExecutionRequest] = []
    private var pipeline: [(ticket: UInt64, request: ExecutionRequest)] = []

    init(options: FuzzerOptions, lag: Int = 0, target: @escaping SimulatedTarget) {
        fuzzer = Fuzzer(options: options)
        self.target = target
        self.lag = lag
    }

    /// Runs until `isFinished` accepts an event. Returns the executions it took, or `nil` after `limit`.
    mutating func run(limit: Int, until isFinished: (CampaignEvent) -> Bool = { _ in false }) -> Int? {
        for count in 1...limit {
            let next = fuzzer.nextRequest()
            requests.append(next.request)
            pipeline.append(next)
            guard pipeline.count > lag else { continue }
            let new = observe(pipeline.removeFirst())
            events.append(contentsOf: new)
            if new.contains(where: isFinished) { return count }
        }
        return nil
    }

    /// Runs one request's input and hands over what it showed.
    mutating func observe(_ execution: (ticket: UInt64, request: ExecutionRequest)) -> [CampaignEvent] {
        var run = SimulatedExecution()
        var input = execution.request.input
        if let partner = execution.request.crossOverPartner { input += partner }
        target(input, &run)
        let counters = run.edges.sorted { $0.key < $1.key }.map { $0.key << 8 | UInt32($0.value) }
        return counters.withUnsafeBufferPointer { counters in
            input.withUnsafeBufferPointer { executed in
                fuzzer.observe(
                    ticket: execution.ticket,
                    Observation(
                        outcome: run.outcome, counters: counters,
                        comparisons: execution.request.collectsComparisons ? run.comparisons : [],
                        executedInput: executed, operations: 3, durationNanoseconds: 1000))
            }
        }
    }
}

enum SimulatedTargets {
    /// Crashes on inputs that begin with `magic`; every right byte is another edge.
    static func staged(_ magic: String) -> SimulatedTarget {
        { input, run in
            run.visit(0)
            for (index, byte) in magic.utf8.enumerated() {
                guard index < input.count, input[index] == byte else { return }
                run.visit(UInt32(index + 1))
            }
            run.outcome = .crashed(signature: "staged")
        }
    }

    /// Crashes when the first four bytes are one 32-bit number: no edge leads there, only its comparison.
    static func magicNumber(_ magic: UInt32) -> SimulatedTarget {
        { input, run in
            run.visit(0)
            guard input.count >= 4 else { return }
            run.visit(1)
            let value =
                UInt32(input[0]) | UInt32(input[1]) << 8 | UInt32(input[2]) << 16 | UInt32(input[3]) << 24
            run.comparisons.append(Comparison(sizeBytes: 4, left: UInt64(value), right: UInt64(magic)))
            if value == magic { run.outcome = .crashed(signature: "magic") }
        }
    }

    /// Edges by length and by byte class; never fails.
    static func lengths(_ input: [UInt8], _ run: inout SimulatedExecution) {
        run.visit(0)
        for byte in input.prefix(200) { run.visit(1 + UInt32(byte >> 4)) }
        run.visit(100 + UInt32(min(input.count, 50)))
    }
}

extension CampaignEvent {
    var isVerifiedFinding: Bool {
        if case .finding(let finding) = self { finding.isVerified } else { false }
    }
}
