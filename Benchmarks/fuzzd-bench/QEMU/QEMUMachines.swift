import Daemon
import Foundation
import ForkServer
import Fuzzing

/// Every config of QEMU: started once under `fork` and once under `reboot`, with 1,000 inputs each. Prints the table
/// of docs/qemu.md, a line a config.
struct QEMUMachines {
    private static let runs = 1000

    let options: Options
    let report: Report

    func measure() throws {
        report.begin("7. configs of QEMU, \(Self.runs) inputs each", section: .qemuMachines)
        let names = try FileManager.default.contentsOfDirectory(atPath: options.configs).sorted()
            .filter { $0.hasSuffix(".yaml") }
        print("| config | resident MiB | mappings | edges | fork exec/s | op/s | reboot exec/s | op/s | failures |")
        print("|---|---|---|---|---|---|---|---|---|")
        for name in names {
            do { print(try row(name)) } catch { report.note("\(name): \(error)") }
            fflush(nil)
        }
    }

    private func row(_ name: String) throws -> String {
        let path = options.configs + "/" + name
        var settings = try CampaignSettings.make(
            StartOptions(configPath: path, corpusDirectories: ["unused"], seed: 1))
        // Inputs of full length from the beginning: a thousand are too few for the limit to grow.
        settings.fuzzer.lengthControl = 0
        settings.target.strategy = .fork
        let forking = try Subject(settings.target)
        var campaign = Campaigning(subject: forking, options: settings.fuzzer)
        campaign.keepsExecuted = true
        let forked = try campaign.run(count: Self.runs)
        settings.target.strategy = .reboot
        let rebooted = try Subject(settings.target).run(campaign.executed, count: Self.runs)
        let isGeneric = settings.harness.hasPrefix("generic-fuzz")
        let operations = campaign.executed.reduce(0) { $0 + Self.operations($1) }
        func rates(_ round: Subject.Round) -> String {
            let rate = isGeneric ? Double(operations) * 1e9 / Double(max(1, round.nanoseconds)) : nil
            return String(format: "%.0f | ", round.executionsPerSecond) + (rate.map { String(format: "%.0f", $0) } ?? "–")
        }
        let edges = campaign.fuzzer.counters.edgesCovered
        let resident = forking.statusKibibytes("VmRSS") / 1024
        return "| \(name.dropLast(".yaml".count)) | \(resident) | \(forking.mappings) | \(edges) | \(rates(forked))"
            + " | \(rates(rebooted)) | \(forked.failures) / \(rebooted.failures) |"
    }

    /// Operations of an input in the generic format: its pieces between separators, empty ones left out.
    private static func operations(_ input: [UInt8]) -> Int {
        let separator = Array("FUZZ".utf8)
        var operations = 0
        var pieceBytes = 0
        var index = 0
        while index < input.count {
            if input[index...].starts(with: separator) {
                operations += pieceBytes > 0 ? 1 : 0
                pieceBytes = 0
                index += separator.count
            } else {
                pieceBytes += 1
                index += 1
            }
        }
        return operations + (pieceBytes > 0 ? 1 : 0)
    }
}
