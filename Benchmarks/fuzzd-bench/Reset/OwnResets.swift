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
