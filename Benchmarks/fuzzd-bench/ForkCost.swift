/// The fork strategy on an input that does nothing, against what a fork costs at all.
struct ForkCost {
    let options: Options
    let report: Report
    private static let idle: [[UInt8]] = [[]]

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

        let count = try subject.count(lasting: options.roundMilliseconds, Self.idle)
        var times = Subject.TimeSum()
        var executions = 0
        let values = try alternate(3, rounds: options.rounds) { index in
            switch index {
            case 0:
                let round = try subject.run(Self.idle, count: count)
                times.add(round.timing)
                executions += round.executions
                return round.executionsPerSecond
            case 1: return try subject.bareForkRate(turns: count)
            default: return try helper.rate(turns: count)
            }
        }
        report.add("fork strategy", values[0], unit: "exec/s")
        report.add("bare fork, _exit, wait loop in the same machine parent", values[1], unit: "turns/s")
        report.add("the same loop in a C process of equal resident size", values[2], unit: "turns/s")
        report.add(
            "fork strategy to the bare loop in the same parent", ratios(values[0], to: values[1]), unit: "times",
            target: .atLeast(0.85))
        report.add("fork strategy to the bare loop in C", ratios(values[0], to: values[2]), unit: "times")
        let each = { (sum: UInt64) in Double(sum) / 1000 / Double(max(1, executions)) }
        report.add("of each input: fork call", [each(times.fork)], unit: "us")
        report.add("of each input: child", [each(times.child)], unit: "us")
        report.add("of each input: reaping and counters", [each(times.reap)], unit: "us")
        report.add("of each input: waiting for the daemon", [each(times.handOver)], unit: "us")
        try countFaults(subject, count)
    }

    private func countFaults(_ subject: Subject, _ count: Int) throws {
        guard let process = subject.server.processIDs.first else { return }
        let strategy = try PageFaults.each(of: count, in: process) { _ = try subject.run(Self.idle, count: count) }
        let bare = try PageFaults.each(of: count, in: process) { _ = try subject.bareForkRate(turns: count) }
        report.add("page faults an input, fork strategy, in the child", [strategy.child], unit: "faults")
        report.add("page faults an input, fork strategy, in the machine parent", [strategy.own], unit: "faults")
        report.add("page faults a turn, bare loop, in the child", [bare.child], unit: "faults")
        report.add("page faults a turn, bare loop, in the machine parent", [bare.own], unit: "faults")
    }
}
