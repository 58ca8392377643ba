import ForkServer

/// The built-in machine: inputs of a campaign.
struct BuiltInResets {
    let options: Options
    let report: Report

    func measure() throws {
        guard options.takes("pc") else { return }
        report.begin("9. resets: the built-in machine", section: .reset)
        let inputs = try DaemonOverhead.inputs()
        let measured = try StrategyRates.measure(inputs, options: options) { strategy in
            try Subject { $0.strategy = strategy }
        }
        for (strategy, rates) in zip(StrategyRates.strategies, measured.rates) {
            report.add("built-in machine, \(strategy.rawValue)", rates, unit: "exec/s")
        }
        report.add(
            "built-in machine, snapshot to none", ratios(measured.rates[0], to: measured.rates[1]), unit: "times",
            target: .atLeast(0.8))
        report.add("built-in machine, snapshot to fork", ratios(measured.rates[0], to: measured.rates[3]), unit: "times")
        report.add("built-in machine", measured.resets)
    }
}

/// What a reset costs with more and more guest memory, all of it written to; fork's cost beside it.
struct GuestMemoryResets {
    let options: Options
    let report: Report
    private static let mebibytes = [16, 64, 256, 1024, 3072]

    func measure() throws {
        guard options.takes("memory") else { return }
        report.begin("11. resets by guest memory, all of it written to", section: .reset)
        var costs: [Double] = []
        for mebibytes in Self.mebibytes {
            let measured = try StrategyRates.measure([[]], strategies: [.snapshot, .fork], options: options) { strategy in
                try Subject {
                    $0.arguments = Machines.withGuestMemory(mebibytes: mebibytes)
                    $0.limits.memoryBytes = 0
                    $0.strategy = strategy
                }
            }
            costs.append(Double(measured.resets.nanoseconds) / 1000 / Double(max(1, measured.resets.resets)))
            report.add("\(mebibytes) MiB, fork", measured.rates[1].map { 1e6 / $0 }, unit: "us/input")
            report.add("\(mebibytes) MiB, snapshot", measured.rates[0].map { 1e6 / $0 }, unit: "us/input")
            report.add("\(mebibytes) MiB", measured.resets)
        }
        guard let first = costs.first, let last = costs.last, first > 0 else { return }
        report.add("a reset with 3,072 MiB to one with 16 MiB", [last / first], unit: "times", target: .atMost(1.2))
    }
}
