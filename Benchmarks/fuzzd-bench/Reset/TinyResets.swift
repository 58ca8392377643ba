import ForkServer

/// A tiny harness in C: `snapshot` against AFL++'s persistent mode, which does not isolate inputs at all.
struct TinyResets {
    let options: Options
    let report: Report
    private static let inputBytes = 16
    private static let campaignSeconds = 3

    func measure() throws {
        guard options.takes("tiny") else { return }
        report.begin("10. resets: a tiny C harness, and AFL++'s persistent mode", section: .reset)
        guard let directory = try TinyHarness(options: options, report: report).build() else { return }
        let inputs = [[UInt8](repeating: UInt8(ascii: "x"), count: Self.inputBytes)]
        let subject = try Subject {
            $0.program = directory + "/tiny-fuzzd"
            $0.arguments = []
            $0.strategy = .snapshot
        }
        let count = max(1000, try subject.count(lasting: options.roundMilliseconds, inputs))
        let before = subject.server.resetStatistics
        var rates: [Double] = []
        for _ in 0..<options.rounds { rates.append(try subject.run(inputs, count: count).executionsPerSecond) }
        report.add("fuzzd, snapshot, one input again and again", rates, unit: "exec/s")
        let resets = subject.server.resetStatistics.since(before)
        guard AFLFuzz.isThere else { return report.note("afl-fuzz is not installed") }
        // Both as fuzzers: with mutation, coverage feedback and a corpus.
        let other = AFLFuzz(program: directory + "/tiny-afl-persistent", seconds: Self.campaignSeconds)
        var campaign = Campaigning(subject: subject, seed: 1)
        let campaignCount = Int(try campaign.run(count: 10000).executionsPerSecond) * Self.campaignSeconds
        let values = try alternate(2, rounds: max(3, options.rounds / 3)) { index in
            if index == 1 { return try other.rate() }
            return try campaign.run(count: campaignCount).executionsPerSecond
        }
        report.add("campaign of fuzzd, snapshot", values[0], unit: "exec/s")
        report.add("afl-fuzz, persistent mode", values[1], unit: "exec/s")
        report.add("fuzzd to afl-fuzz", ratios(values[0], to: values[1]), unit: "times", target: .atLeast(1.5))
        report.add("tiny harness", resets, target: .atMost(20))
    }
}
