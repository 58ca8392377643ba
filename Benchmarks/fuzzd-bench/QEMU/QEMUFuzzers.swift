import Foundation
import ForkServer
import Fuzzing

/// Our strategies on QEMU 10 against what QEMU's own fuzzers do under libFuzzer, on the same inputs.
struct QEMUFuzzers {
    /// A fuzz target by its names in both versions; the device and the input format are the same.
    struct FuzzTarget {
        var name: String
        /// In 7.2, where it forks for each input.
        var forkingName: String

        init(_ name: String, forking: String? = nil) {
            self.name = name
            forkingName = forking ?? name
        }
    }

    static let targets = [
        FuzzTarget("generic-fuzz-virtio-blk"), FuzzTarget("generic-fuzz-e1000"), FuzzTarget("generic-fuzz-xhci"),
        FuzzTarget("generic-fuzz-megaraid"), FuzzTarget("i440fx-qos-noreset-fuzz", forking: "i440fx-qos-fork-fuzz"),
    ]
    /// Executions of the campaign that makes the inputs.
    private static let campaignRuns = 4000
    /// Inputs of a round: what a process pays at its first input (pages, shadow memory, the code cache) is little of it then.
    private static let roundInputs = 1000

    let options: Options
    let report: Report

    func measure() throws {
        for isSanitized in [false, true] where takes(isSanitized ? "asan" : "plain", of: ["asan", "plain"]) {
            report.begin(
                "6. QEMU's fuzzers\(isSanitized ? " with AddressSanitizer" : "")", section: .qemu)
            for target in Self.targets
            where options.fuzzTarget.isEmpty || target.name.contains(options.fuzzTarget) { try measure(target, isSanitized: isSanitized) }
        }
    }

    private func measure(_ target: FuzzTarget, isSanitized: Bool) throws {
        guard let ours = program("10.0", isSanitized, .fuzzd) else { return }
        let kept = try Self.inputs(ours, target: target)
        guard !kept.isEmpty else { return report.note("\(target.name): the campaign kept no inputs") }
        let passes = (Self.roundInputs + kept.count - 1) / kept.count
        // As libFuzzer orders them: by size, those of one size together.
        let inputs = kept.flatMap { Array(repeating: $0, count: passes) }
        let folder = try Self.store(inputs)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        report.note(
            "\(target.name): \(kept.count) inputs of a campaign, \(kept.reduce(0) { $0 + $1.count }) bytes, \(passes) times each in a round")
        if takes("fork", of: Self.strategies) { try compareFork(target, isSanitized, ours, inputs, in: folder) }
        // That target resets nothing between inputs, under neither engine.
        if takes("reboot", of: Self.strategies), !target.name.contains("noreset") {
            try compareReboot(target, isSanitized, ours, inputs, in: folder)
        }
    }

    private static let strategies = ["fork", "reboot"]

    /// Whether `--subjects` names this one, or none of its kind.
    private func takes(_ subject: String, of kind: [String]) -> Bool {
        options.subjects.isDisjoint(with: kind) || options.subjects.contains(subject)
    }

    private func compareFork(
        _ target: FuzzTarget, _ isSanitized: Bool, _ ours: String, _ inputs: [[UInt8]], in folder: String
    ) throws {
        let forked = program("7.2", isSanitized, .libFuzzer).map {
            LibFuzzerPass(program: $0, fuzzTarget: target.forkingName, inputs: folder)
        }
        try compare(
            "\(target.name), fork", to: forked, named: "7.2's own fork server", goal: .atLeast(isSanitized ? 1.3 : 2),
            subject: try Self.subject(ours, target: target.name, strategy: .fork), inputs)
    }

    private func compareReboot(
        _ target: FuzzTarget, _ isSanitized: Bool, _ ours: String, _ inputs: [[UInt8]], in folder: String
    ) throws {
        let rebooted = program("10.0", isSanitized, .libFuzzer).map {
            LibFuzzerPass(program: $0, fuzzTarget: target.name, inputs: folder)
        }
        try compare(
            "\(target.name), reboot", to: rebooted, named: "libFuzzer", goal: .atLeast(isSanitized ? 1.3 : 1),
            subject: try Self.subject(ours, target: target.name, strategy: .reboot), inputs)
    }

    /// Alternating rounds, each over all inputs.
    private func compare(
        _ name: String, to pass: LibFuzzerPass?, named other: String, goal: Target, subject: Subject, _ inputs: [[UInt8]]
    ) throws {
        var failures = try subject.run(inputs, count: inputs.count).failures
        var times = Subject.TimeSum()
        var executions = 0
        let values = try alternate(pass == nil ? 1 : 2, rounds: options.rounds) { index in
            if index == 1, let pass { return try pass.rate() }
            let round = try subject.run(inputs, count: inputs.count)
            failures += round.failures
            times.add(round.timing)
            executions += round.executions
            return round.executionsPerSecond
        }
        report.add(name, values[0], unit: "exec/s")
        if times.fork > 0 { report.note("of each input: " + times.text(inputs: executions)) }
        if failures > 0 { report.note("\(failures) executions failed or timed out") }
        guard values.count == 2 else { return }
        report.add("\(name): \(other)", values[1], unit: "exec/s")
        report.add("\(name) to \(other)", ratios(values[0], to: values[1]), unit: "times", target: goal)
    }

    private func program(_ version: String, _ isSanitized: Bool, _ engine: QEMUBuild.Engine) -> String? {
        let build = QEMUBuild(version: version, isSanitized: isSanitized, engine: engine)
        if build.program == nil { report.note("not measured: no build of \(build.command)") }
        return build.program
    }

    static func subject(_ program: String, target: String, strategy: ResetStrategy) throws -> Subject {
        try Subject {
            $0.program = program
            $0.arguments = ["--fuzz-target=" + target]
            $0.strategy = strategy
            if !target.contains("noreset") { $0.endsInputAt = "fuzz_reset" }
        }
    }

    /// What a campaign of fixed seed kept, without inputs that fail under either strategy; short ones first, as
    /// libFuzzer runs a corpus.
    private static func inputs(_ program: String, target: FuzzTarget) throws -> [[UInt8]] {
        var fuzzer = FuzzerOptions()
        fuzzer.seed = 1
        fuzzer.hasCustomCrossOver = true
        fuzzer.lengthControl = 0
        if target.name.hasPrefix("generic") { fuzzer.dictionary = [Array("FUZZ".utf8)] }
        let forking = try subject(program, target: target.name, strategy: .fork)
        var campaign = Campaigning(subject: forking, options: fuzzer)
        _ = try campaign.run(count: campaignRuns)
        let rebooting = try subject(program, target: target.name, strategy: .reboot)
        return try campaign.kept.filter { input in
            guard !input.isEmpty else { return false }
            let forked = try forking.run([input], count: 1)
            let rebooted = try rebooting.run([input], count: 1)
            return forked.failures + rebooted.failures == 0
        }.sorted { $0.count < $1.count }
    }

    /// One file an input, in a folder that the caller removes.
    private static func store(_ inputs: [[UInt8]]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.path + "/fuzzd-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (index, input) in inputs.enumerated() {
            try Data(input).write(to: URL(fileURLWithPath: folder + String(format: "/%05d", index)))
        }
        return folder
    }
}
