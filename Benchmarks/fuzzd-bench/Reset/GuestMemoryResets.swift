import Foundation
import ForkServer

/// What a reset costs with more and more guest memory, all of it written to; fork's cost beside it.
struct GuestMemoryResets {
    let options: Options
    let report: Report
    static let mebibytes = [16, 64, 256, 1024, 4096]

    func measure() throws {
        guard options.takes("memory") else { return }
        report.begin("11. resets by guest memory, all of it written to", section: .reset)
        var resets: [Double] = []
        var snapshot: [Double] = []
        var fork: [Double] = []
        var grownFork: [Double] = []
        for mebibytes in Self.mebibytes {
            let measured = try measure(mebibytes: mebibytes, [.snapshot, .fork], compacts: true)
            resets.append(Double(measured.resets.nanoseconds) / 1000 / Double(max(1, measured.resets.resets)))
            snapshot.append(add("\(mebibytes) MiB, snapshot", measured.rates[0]))
            fork.append(add("\(mebibytes) MiB, fork, page tables kept small", measured.rates[1]))
            let grown = try measure(mebibytes: mebibytes, [.fork], compacts: false)
            grownFork.append(add("\(mebibytes) MiB, fork, page tables as they grew", grown.rates[0]))
            report.add("\(mebibytes) MiB", measured.resets)
        }
        guard let first = resets.first, let last = resets.last, first > 0 else { return }
        report.add("a reset with 4,096 MiB to one with 16 MiB", [last / first], unit: "times", target: .atMost(1.2))
        guard let path = options.plotPath else { return }
        let plot = GrowthPlot(
            title: "Time by guest memory, all of it written to",
            mebibytes: Self.mebibytes,
            curves: [
                GrowthPlot.Curve(name: "fork as page tables grew", values: grownFork),
                GrowthPlot.Curve(name: "fork", values: fork),
                GrowthPlot.Curve(name: "snapshot, an input", values: snapshot),
                GrowthPlot.Curve(name: "snapshot, its reset", values: resets),
            ])
        try Data(plot.svg.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private func measure(
        mebibytes: Int, _ strategies: [ResetStrategy], compacts: Bool
    ) throws -> StrategyRates {
        try StrategyRates.measure([[]], strategies: strategies, options: options) { strategy in
            try Subject {
                $0.arguments = Machines.withGuestMemory(mebibytes: mebibytes)
                $0.limits.memoryBytes = 0
                $0.compactsParentMemory = compacts
                $0.strategy = strategy
            }
        }
    }

    /// Adds the rates as times; returns their median.
    private func add(_ name: String, _ rates: [Double]) -> Double {
        let times = rates.map { 1e6 / $0 }
        report.add(name, times, unit: "us/input")
        return times.sorted()[times.count / 2]
    }
}
