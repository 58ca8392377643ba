import ForkServer

/// A tiny harness in C: `snapshot` against AFL++'s persistent mode, which does not isolate inputs at all.
struct TinyResets {
    let options: Options
    let report: Report
    private static let inputBytes = 16

    func measure() throws {
        guard options.takes("tiny") else { return }
        report.begin("9. resets: a tiny C harness, and AFL++'s persistent mode", section: .reset)
        guard let directory = try TinyHarness(options: options, report: report).build() else { return }
        let inputs = [[UInt8](repeating: UInt8(ascii: "x"), count: Self.inputBytes)]
        let subject = try Subject {
            $0.program = directory + "/tiny-fuzzd"
            $0.arguments = []
            $0.strategy = .snapshot
        }
        let persistent = try BareForkProcess(
            program: directory + "/afl-loop",
            arguments: [directory + "/tiny-afl-persistent", String(Self.inputBytes), "persistent"])
        let count = max(1000, try subject.count(lasting: options.roundMilliseconds, inputs))
        let before = subject.server.resetStatistics
        let values = try alternate(2, rounds: 2 * options.rounds) { index in
            if index == 1 { return try persistent.rate(turns: count) }
            return try subject.run(inputs, count: count).executionsPerSecond
        }
        report.add("fuzzd, snapshot", values[0], unit: "exec/s")
        report.add("AFL++, persistent mode", values[1], unit: "exec/s")
        report.add("fuzzd to AFL++", ratios(values[0], to: values[1]), unit: "times", target: .atLeast(1.5))
        report.add("tiny harness", subject.server.resetStatistics.since(before), target: .atMost(20))
    }
}
