import ForkServer

/// The reset strategies on the same inputs in the same order.
struct Strategies {
    let options: Options
    let report: Report

    func measure(_ corpus: [[UInt8]]) throws {
        report.begin("5. reset strategies on \(corpus.count) inputs of a campaign", section: .strategies)
        let strategies: [ResetStrategy] = [.fork, .reboot, .none]
        var subjects: [Subject] = []
        for strategy in strategies { subjects.append(try Subject { $0.strategy = strategy }) }
        var operations = [[Double]](repeating: [], count: strategies.count)
        // Whole passes, so that every strategy does the same work.
        for subject in subjects { _ = try subject.run(corpus, count: corpus.count) }
        let values = try alternate(strategies.count, rounds: options.rounds) { index in
            let round = try subjects[index].run(corpus, count: corpus.count)
            operations[index].append(round.operationsPerSecond)
            return round.executionsPerSecond
        }
        for (index, strategy) in strategies.enumerated() {
            report.add("\(strategy.rawValue)", values[index], unit: "exec/s")
            report.add("\(strategy.rawValue), operations", operations[index], unit: "op/s")
            if index > 0 { report.add("\(strategy.rawValue) to fork", ratios(values[index], to: values[0]), unit: "times") }
        }
    }
}
