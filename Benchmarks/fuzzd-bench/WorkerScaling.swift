/// Two workers against one on the same machine.
struct WorkerScaling {
    let options: Options
    let report: Report

    func measure(_ corpus: [[UInt8]]) throws {
        report.begin("2. two workers against one", section: .workers)
        let subject = try Subject { $0.workers = 2 }
        try compare(subject, corpus, name: "inputs of a campaign", target: .atLeast(1.7))
        try compare(subject, [[]], name: "an input that does nothing", target: nil)
        try compareLoops(resident: subject.statusKibibytes("VmRSS"))
    }

    private func compare(_ subject: Subject, _ inputs: [[UInt8]], name: String, target: Target?) throws {
        let count = try subject.count(lasting: options.roundMilliseconds, inputs)
        _ = try subject.run(inputs, count: count, workers: 2)
        let values = try alternate(2, rounds: options.rounds) { index in
            try subject.run(inputs, count: count * (index + 1), workers: index + 1).executionsPerSecond
        }
        report.add("one worker, \(name)", values[0], unit: "exec/s")
        report.add("two workers, \(name)", values[1], unit: "exec/s")
        report.add("two to one, \(name)", ratios(values[1], to: values[0]), unit: "times", target: target)
    }

    /// What the host itself makes of two such loops at once: nothing can scale better than that.
    private func compareLoops(resident: Int) throws {
        let helpers = [
            try BareForkProcess(residentKibibytes: resident), try BareForkProcess(residentKibibytes: resident),
        ]
        let probe = 200
        let rate = try helpers[0].rate(turns: probe)
        let turns = max(20, Int(rate * Double(options.roundMilliseconds) / 1000))
        let values = try alternate(2, rounds: options.rounds) { index in
            guard index == 1 else { return try helpers[0].rate(turns: turns) }
            let start = monotonicNanoseconds()
            for helper in helpers { try helper.start(turns: turns) }
            for helper in helpers { _ = try helper.result() }
            return Double(2 * turns) * 1e9 / Double(monotonicNanoseconds() - start)
        }
        report.add(
            "for comparison: two bare loops in C at once to one", ratios(values[1], to: values[0]), unit: "times")
    }
}
