import ForkServer
import Fuzzing

/// Ten of QEMU 10's generic-fuzz machines, and its i440fx target, whose inputs are the shortest.
struct QEMUResets {
    static let machines = [
        "virtio-blk", "virtio-net-pci-slirp", "e1000", "xhci", "megaraid", "ahci-hd", "am53c974", "rtl8139", "sdhci-v3", "cirrus-vga",
    ]
    private static let campaignRuns = 2000

    let options: Options
    let report: Report
    let isSanitized: Bool

    func measure() throws {
        report.begin(
            "8. resets: QEMU's fuzzers\(isSanitized ? " with AddressSanitizer" : ""), against no reset at all", section: .reset)
        let build = QEMUBuild(version: "10.0", isSanitized: isSanitized, engine: .fuzzd)
        guard let program = build.program else {
            report.note("not measured: no build of \(build.command)")
            return
        }
        var toNone: [Double] = []
        var toReboot: [Double] = []
        var toFork: [Double] = []
        for machine in Self.machines where options.takes(machine) {
            let measured = try measure(program, machine)
            toNone.append(measured.none)
            toReboot.append(measured.reboot)
            toFork.append(measured.fork)
        }
        if options.takes("i440fx") { try measureShortInputs(program) }
        guard !toNone.isEmpty else { return }
        // The medians over the machines, of their medians over the rounds.
        if isSanitized {
            report.add("snapshot to fork, median of the machines", [Spread(toFork).median], unit: "times", target: .atLeast(8))
        } else {
            report.add("snapshot to none, median of the machines", [Spread(toNone).median], unit: "times", target: .atLeast(1.1))
            report.add("snapshot to reboot, median of the machines", [Spread(toReboot).median], unit: "times", target: .atLeast(2.5))
            report.add("snapshot to fork, median of the machines", [Spread(toFork).median], unit: "times", target: .atLeast(8))
        }
    }

    private func measure(_ program: String, _ machine: String) throws -> (none: Double, reboot: Double, fork: Double) {
        let target = "generic-fuzz-" + machine
        let inputs = try Self.inputs(program, target: target)
        let measured = try StrategyRates.measure(inputs, options: options) {
            try QEMUFuzzers.subject(program, target: target, strategy: $0)
        }
        let rates = measured.rates
        report.note(
            "\(machine), \(inputs.count) inputs: "
                + zip(StrategyRates.strategies, rates).map { "\($0.rawValue) \(Int(Spread($1).median))" }
                .joined(separator: ", ") + " exec/s")
        report.add(
            "\(machine), snapshot to none", ratios(rates[0], to: rates[1]), unit: "times",
            target: .atLeast(isSanitized ? 0.6 : 0.85))
        report.add(
            "\(machine), snapshot to reboot", ratios(rates[0], to: rates[2]), unit: "times",
            target: isSanitized ? nil : .atLeast(1.8))
        report.add("\(machine), snapshot to fork", ratios(rates[0], to: rates[3]), unit: "times")
        report.add(machine, measured.resets)
        if !measured.replacedFor.isEmpty { report.note("  runners replaced for " + measured.replacedFor.joined(separator: ", ")) }
        let medians = (1...3).map { Spread(ratios(rates[0], to: rates[$0])).median }
        return (medians[0], medians[1], medians[2])
    }

    /// An input that does next to nothing dirties what every input dirties.
    private func measureShortInputs(_ program: String) throws {
        let target = "i440fx-qos-noreset-fuzz"
        let inputs: [[UInt8]] = [[UInt8](repeating: 0, count: 8)]
        let measured = try StrategyRates.measure(inputs, strategies: [.snapshot, .none, .fork], options: options) {
            try QEMUFuzzers.subject(program, target: target, strategy: $0)
        }
        report.add(
            "i440fx, snapshot", measured.rates[0], unit: "exec/s", target: isSanitized ? nil : .atLeast(5000))
        report.add("i440fx, none", measured.rates[1], unit: "exec/s")
        report.add("i440fx, fork", measured.rates[2], unit: "exec/s")
        if !measured.replacedFor.isEmpty { report.note("runners replaced for " + measured.replacedFor.joined(separator: ", ")) }
        report.add("i440fx, 8 bytes", measured.resets, target: isSanitized ? nil : .atMost(100))
    }

    /// What a campaign of fixed seed kept, without inputs that fail; made under `snapshot`, the fastest that isolates.
    private static func inputs(_ program: String, target: String) throws -> [[UInt8]] {
        var fuzzer = FuzzerOptions()
        fuzzer.seed = 1
        fuzzer.hasCustomCrossOver = true
        fuzzer.lengthControl = 0
        fuzzer.dictionary = [Array("FUZZ".utf8)]
        let subject = try QEMUFuzzers.subject(program, target: target, strategy: .snapshot)
        var campaign = Campaigning(subject: subject, options: fuzzer)
        _ = try campaign.run(count: campaignRuns)
        let rebooting = try QEMUFuzzers.subject(program, target: target, strategy: .reboot)
        return try campaign.kept.filter { input in
            guard !input.isEmpty else { return false }
            return try subject.run([input], count: 1).failures + rebooting.run([input], count: 1).failures == 0
        }
    }
}
