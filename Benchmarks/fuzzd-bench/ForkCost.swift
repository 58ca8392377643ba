/// The fork strategy on an input that does nothing, against what a fork costs at all.
struct ForkCost {
    let options: Options
    let report: Report
    private static let idle: [[UInt8]] = [[]]
    /// Below this, starting and ending a round would show.
    private static let fewestTurns = 50

    func measure() throws {
        report.begin("1. fork, an input that does nothing (pc-fuzz, generic harness)", section: .fork)
        let subject = try Subject { _ in }
        let resident = subject.statusKibibytes("VmRSS")
        let helper = try BareForkProcess(residentKibibytes: resident)
        let modules = subject.server.modules
        report.note(
            "machine parent as it serves: \(resident) KiB resident, \(subject.statusKibibytes("VmPTE")) KiB page tables"
                + " (\(modules?.residentKibibytes ?? 0) and \(modules?.pageTablesKibibytes ?? 0) KiB once initialised)")
        report.note(
            "C process: \(helper.residentKibibytes) KiB resident, \(helper.pageTablesKibibytes) KiB page tables")

        // Many short rounds: what the host does besides must not fall on one side of a quotient.
        let rounds = 4 * options.rounds
        let count = max(Self.fewestTurns, try subject.count(lasting: max(1, options.roundMilliseconds / 4), Self.idle))
        var times = Subject.TimeSum()
        var uses = [ProcessUse](repeating: ProcessUse(), count: 2)
        let process = subject.server.processIDs.first ?? 0
        let values = try alternate(3, rounds: rounds) { index in
            guard index < 2 else { return try helper.rate(turns: count) }
            let before = ProcessUse.of(process)
            defer { uses[index] = uses[index] + (ProcessUse.of(process) - before) }
            guard index == 0 else { return try subject.bareForkRate(turns: count) }
            let round = try subject.run(Self.idle, count: count)
            times.add(round.timing)
            return round.executionsPerSecond
        }
        reportRates(values)
        let turns = Double(max(1, count * rounds))
        reportTimes(times, turns: turns)
        for (name, use) in zip(["fork strategy", "bare loop"], uses) {
            report.add("\(name): CPU time a turn", [Double(use.ticks) * 10_000 / turns], unit: "us")
            report.add("\(name): page faults of the child", [Double(use.childFaults) / turns], unit: "faults")
            report.add("\(name): page faults of the machine parent", [Double(use.faults) / turns], unit: "faults")
        }
        report.add(
            "CPU time, bare loop to fork strategy", [Double(uses[1].ticks) / Double(max(1, uses[0].ticks))],
            unit: "times")
    }

    private func reportRates(_ values: [[Double]]) {
        report.add("fork strategy", values[0], unit: "exec/s")
        report.add("bare fork, _exit, wait loop in the same machine parent", values[1], unit: "turns/s")
        report.add("the same loop in a C process of equal resident size", values[2], unit: "turns/s")
        report.add(
            "fork strategy to the bare loop in the same parent", ratios(values[0], to: values[1]), unit: "times",
            target: .atLeast(0.85))
        report.add(
            "the same of the least disturbed rounds (upper deciles)",
            [Spread.upperDecile(values[0]) / max(1, Spread.upperDecile(values[1]))], unit: "times")
        report.add("fork strategy to the bare loop in C", ratios(values[0], to: values[2]), unit: "times")
    }

    private func reportTimes(_ times: Subject.TimeSum, turns: Double) {
        let parts = [
            ("fork call", times.fork), ("child", times.child), ("reaping and counters", times.reap),
            ("waiting for the daemon", times.handOver),
        ]
        for (name, sum) in parts {
            report.add("of each input: \(name)", [Double(sum) / 1000 / turns], unit: "us")
        }
    }
}
