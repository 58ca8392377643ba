import ForkServer
import Fuzzing

/// `make bench-reset`: what the strategy `snapshot` makes of an input, against `none`, `reboot` and `fork` on the same inputs in
/// alternating rounds, and what a reset costs by its parts.
struct ResetBench {
    let options: Options
    let report: Report

    func measure() throws {
        // A runner takes one processor, and so does `fork` here, unless it is asked otherwise.
        let usual = Subject.forkAhead
        if options.forkAhead == nil { Subject.forkAhead = .never }
        defer { Subject.forkAhead = usual }
        for isSanitized in [false, true] { try QEMUResets(options: options, report: report, isSanitized: isSanitized).measure() }
        try BuiltInResets(options: options, report: report).measure()
        try TinyResets(options: options, report: report).measure()
        try GuestMemoryResets(options: options, report: report).measure()
    }
}

/// Subjects of one target under several strategies, and the rates they reach.
struct StrategyRates {
    static let strategies: [ResetStrategy] = [.snapshot, .none, .reboot, .fork]
    /// Why runners were replaced under `snapshot`.
    var replacedFor: [String]
    /// Executions per second, round by round, by strategy in the order above.
    var rates: [[Double]]
    /// Of all rounds under `snapshot`.
    var resets: ResetStatistics

    /// Alternating rounds, each over all inputs.
    static func measure(
        _ inputs: [[UInt8]], strategies: [ResetStrategy] = StrategyRates.strategies, options: Options,
        subject make: (ResetStrategy) throws -> Subject
    ) throws -> StrategyRates {
        var subjects: [Subject] = []
        for strategy in strategies { subjects.append(try make(strategy)) }
        var counts: [Int] = []
        for subject in subjects {
            // A few passes first: which pages are hot is learnt there.
            for _ in 0..<3 { _ = try subject.run(inputs, count: inputs.count) }
            let passes = try subject.count(lasting: options.roundMilliseconds, inputs) / inputs.count
            counts.append(inputs.count * max(1, passes))
        }
        let before = subjects[0].server.resetStatistics
        let rates = try alternate(subjects.count, rounds: options.rounds) { index in
            try subjects[index].run(inputs, count: counts[index]).executionsPerSecond
        }
        let replaced = subjects[0].server.replacedRunners
        return StrategyRates(replacedFor: replaced.causes, rates: rates, resets: subjects[0].server.resetStatistics.since(before))
    }
}

extension Report {
    /// What a reset cost by its parts, pages per input, and how often a runner had to be replaced.
    func add(_ name: String, _ resets: ResetStatistics, target: Target? = nil) {
        let count = Double(max(1, resets.resets))
        let microseconds = { (nanoseconds: UInt64) in Double(nanoseconds) / 1000 / count }
        add("\(name): a reset", [microseconds(resets.nanoseconds)], unit: "us", target: target)
        let parts: [(String, UInt64)] = [
            ("scan", resets.scanNanoseconds), ("copy", resets.copyNanoseconds), ("protect", resets.protectNanoseconds),
            ("threads", resets.threadNanoseconds), ("other state", resets.stateNanoseconds),
        ]
        let text = parts.map { "\($0.0) \(Self.short(microseconds($0.1)))" }.joined(separator: ", ")
        note(
            "  \(text) us; \(Self.short(Double(resets.pages) / count)) pages an input;"
                + " \(Self.short(Double(resets.parkedThreads) / count)) threads parked;"
                + " all memory scanned for \(Self.short(100 * Double(resets.scans) / count)) % of inputs,"
                + " a new runner for \(Self.short(100 * Double(resets.runnersReplaced) / count)) % of inputs")
    }

    private static func short(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return String(rounded)
    }
}
