import Foundation

/// A tiny harness in C: the fork strategy with the engine archive against AFL++'s fork server.
struct TinyHarness {
    let options: Options
    let report: Report
    private static let inputBytes = 16
    private static let campaignSeconds = 3

    func measure() throws {
        report.begin("6. a tiny C harness: fuzzd's fork strategy and AFL++'s fork server", section: .tiny)
        guard let directory = try build() else { return }
        let subject = try Subject {
            $0.program = directory + "/tiny-fuzzd"
            $0.arguments = []
        }
        let other = try BareForkProcess(
            program: directory + "/afl-loop", arguments: [directory + "/tiny-afl", String(Self.inputBytes)])
        let inputs = [[UInt8](repeating: UInt8(ascii: "x"), count: Self.inputBytes)]
        let bare = try BareForkProcess(residentKibibytes: subject.statusKibibytes("VmRSS"))
        report.note("machine parent: \(subject.statusKibibytes("VmRSS")) KiB resident")
        let count = max(50, try subject.count(lasting: options.roundMilliseconds, inputs))
        var failures = 0
        let values = try alternate(3, rounds: 2 * options.rounds) { index in
            if index == 1 { return try other.rate(turns: count) }
            if index == 2 { return try bare.rate(turns: count) }
            let round = try subject.run(inputs, count: count)
            failures += round.failures
            return round.executionsPerSecond
        }
        report.add("fuzzd, fork", values[0], unit: "exec/s")
        report.add("AFL++, fork server", values[1], unit: "exec/s")
        report.add("bare fork loop in C of the same size", values[2], unit: "turns/s")
        report.add(
            "fuzzd to AFL++'s fork server alone", ratios(values[0], to: values[1]), unit: "times", target: .atLeast(1.5))
        report.add("fuzzd to the bare fork loop", ratios(values[0], to: values[2]), unit: "times")
        if failures > 0 { report.note("\(failures) inputs did not pass") }
        try compareCampaigns(directory, inputs[0])
    }

    /// Both as fuzzers: with mutation, coverage feedback and a corpus.
    private func compareCampaigns(_ directory: String, _ seed: [UInt8]) throws {
        guard AFLFuzz.isThere else { return report.note("afl-fuzz is not installed") }
        let other = AFLFuzz(program: directory + "/tiny-afl", seconds: Self.campaignSeconds)
        let subject = try Subject {
            $0.program = directory + "/tiny-fuzzd"
            $0.arguments = []
        }
        var campaign = Campaigning(subject: subject, seed: 1)
        let warmUp = try campaign.run(count: 1000)
        let count = Int(warmUp.executionsPerSecond) * Self.campaignSeconds
        let values = try alternate(2, rounds: max(2, options.rounds / 3)) { index in
            if index == 1 { return try other.rate() }
            return try campaign.run(count: count).executionsPerSecond
        }
        report.add("campaign of fuzzd, fork", values[0], unit: "exec/s")
        report.add("afl-fuzz", values[1], unit: "exec/s")
        report.add(
            "campaign of fuzzd to afl-fuzz", ratios(values[0], to: values[1]), unit: "times", target: .atLeast(1.5))
    }

    /// Where the programs are; `nil`, and a note, if they cannot be built here.
    func build() throws -> String? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let process = Process()
        let output = Pipe()
        let directory = root + "/.build/tiny"
        process.executableURL = URL(fileURLWithPath: root + "/Benchmarks/tiny/build")
        process.arguments = [directory]
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus == 0 { return directory }
        report.note("not measured: " + text.trimmingCharacters(in: .whitespacesAndNewlines))
        return nil
    }
}
