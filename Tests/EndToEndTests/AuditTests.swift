import Foundation
import Testing

/// `fuzzd audit` on the built-in machine, with and without resets that forget a register.
@Suite("Audit", .serialized)
struct AuditTests {
    private struct Report: Decodable {
        struct Place: Decodable {
            var kind: String
            var owner: String
        }
        struct Input: Decodable { var fileName: String }
        struct Allocation: Decodable {
            var bytes: Int
            var site: String
            var stack: [String]
        }
        struct Row: Decodable {
            var place: Place
            var bytes: Int
            var inputs: Int
            var smallestInput: Input?
            var allocation: Allocation?
        }
        var leftBehind: [Row]
        var keptApart: [Row]
    }

    private static let separator = Array("FUZZ".utf8)

    private static func write(port base: UInt8, _ offset: UInt8, _ value: UInt8) -> [UInt8] {
        [1, 0, base, offset, 0, value, 0, 0, 0]
    }

    /// Ports that "pic pcspk serial" name, ascending: 8259A, speaker, second 8259A, 16550A.
    private static let inputs: [String: [[UInt8]]] = [
        "empty-handed": [[0, 0, 0, 0, 0]],
        "scratch": [write(port: 3, 7, 0x5a)],
        "speaker": [write(port: 1, 0, 2)],
        "vector": [write(port: 0, 0, 0x11), write(port: 0, 1, 0x48)],
        // Registers that a reset does not forget: line control, modem control, interrupt mask.
        "registers": [write(port: 3, 3, 0x1b), write(port: 3, 4, 0x0b), write(port: 0, 1, 0xfe)],
        "scratch-and-more": [write(port: 3, 3, 0x1b), write(port: 3, 7, 0x11), write(port: 3, 7, 0x22)],
    ]

    private func audit(
        _ bugs: [String], objects: String = "pic pcspk serial", inputs: [String: Data]? = nil, _ workspace: Workspace? = nil
    ) throws -> (Report, text: String, page: String) {
        let workspace = try workspace ?? Workspace()
        let handmade = Self.inputs.mapValues { Data($0.joined(separator: Self.separator)) }
        for (name, bytes) in inputs ?? handmade {
            try bytes.write(to: URL(fileURLWithPath: workspace.corpus + "/" + name))
        }
        let arguments = (["--harness", "generic", "--objects", objects] + bugs.flatMap { ["--bug", $0] })
            .map { "\"\($0)\"" }.joined(separator: ", ")
        let config = try workspace.write(
            "name: audited\ntarget:\n  program: \(Workspace.buildDirectory)/pc-fuzz\n  arguments: [\(arguments)]\n",
            to: "campaign.yaml")
        let result = try workspace.run(
            ["audit", "--config", config, "--corpus", workspace.corpus, "--json", "audit.json", "--html", "audit.html"])
        #expect(result.exitCode == 0, "\(result.output)")
        let json = try Data(contentsOf: URL(fileURLWithPath: workspace.directory + "/audit.json"))
        let page = try String(contentsOfFile: workspace.directory + "/audit.html", encoding: .utf8)
        return (try JSONDecoder().decode(Report.self, from: json), result.output, page)
    }

    @Test func nothingIsFoundWhereNothingIsForgotten() throws {
        let (report, text, page) = try audit([])
        #expect(report.leftBehind.isEmpty, "\(report.leftBehind)")
        #expect(text.contains("nothing: after every input the reboot brings the machine back"))
        #expect(page.contains("Nothing: after every input"))
    }

    @Test func plantedResetsAreFoundAndNothingElse() throws {
        let (report, text, page) = try audit(["reset-serial-scratch", "reset-speaker-switch", "reset-interrupt-vector"])
        let found = Dictionary(grouping: report.leftBehind) { $0.place.owner }
        #expect(
            found.keys.sorted() == ["Devices.InterruptController", "Devices.SerialPort", "Devices.SpeakerPort"], "\(found)")
        #expect(report.leftBehind.allSatisfy { $0.bytes == 1 && $0.place.kind == "object" })
        #expect(found["Devices.SerialPort"]?.map(\.inputs) == [2])
        #expect(found["Devices.SerialPort"]?.first?.smallestInput?.fileName == "scratch")
        #expect(found["Devices.SpeakerPort"]?.first?.smallestInput?.fileName == "speaker")
        #expect(found["Devices.InterruptController"]?.first?.smallestInput?.fileName == "vector")
        #expect(text.contains("Devices.SpeakerPort"))
        for word in ["http://", "https://", "<script", "@import", "url(", "src="] { #expect(!page.contains(word), "\(word)") }
        #expect(page.contains("Devices.SerialPort"))
    }

    /// Inputs that a campaign on a machine with these bugs found (300 s, seed 2, every object), the smallest for each; named as
    /// the bug that it shows.
    private static func campaignInputs() throws -> [String: Data] {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("ResetInputs")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        return try Dictionary(uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: directory.appendingPathComponent($0))) })
    }

    @Test func inputsOfACampaignShowEveryPlantedResetAndNothingElse() throws {
        let inputs = try Self.campaignInputs()
        let workspace = try Workspace()
        let (report, text, _) = try audit(["all-resets"], objects: "*", inputs: inputs, workspace)
        let owners = [
            "reset-feature-select": "Devices.VirtIOBlockPCI", "reset-interrupt-vector": "Devices.InterruptController",
            "reset-msix-table": "Machine.MSIX", "reset-serial-scratch": "Devices.SerialPort",
            "reset-speaker-switch": "Devices.SpeakerPort",
        ]
        #expect(owners.keys.sorted() == inputs.keys.sorted())
        for (bug, owner) in owners {
            let rows = report.leftBehind.filter { $0.place.owner.hasPrefix(owner) }
            #expect(rows.contains { $0.smallestInput?.fileName == bug }, "\(bug): \(text)")
        }
        for row in report.leftBehind {
            #expect(owners.values.contains { row.place.owner.hasPrefix($0) }, "\(row)")
            // All of them were made by the machine's constructors.
            let allocation = try #require(row.allocation, "\(row)")
            #expect(allocation.bytes > 32 && allocation.stack.contains { $0.contains("MachineBuilder.make") }, "\(allocation)")
            #expect(!allocation.site.hasPrefix("swift_") && !allocation.site.contains("__allocating_init"), "\(allocation)")
        }
        #expect(text.contains("allocated by"))
        guard Browser.isThere else { return }
        try Browser.expectWhole(
            workspace.directory + "/audit.html", contains: ["Devices.SpeakerPort", "allocated by", "</html>"], workspace)
    }

    @Test func theSameInputsLeaveNothingOnAMachineWithoutBugs() throws {
        let (report, text, _) = try audit([], objects: "*", inputs: try Self.campaignInputs())
        #expect(report.leftBehind.isEmpty, "\(text)")
    }

    @Test func badInputIsRefused() throws {
        let workspace = try Workspace()
        let config = try workspace.write(
            "name: audited\ntarget:\n  program: \(Workspace.buildDirectory)/pc-fuzz\n", to: "campaign.yaml")
        let result = try workspace.run(["audit", "--config", config, "--corpus", workspace.corpus])
        #expect(result.exitCode != 0 && result.output.contains("no inputs"), "\(result.output)")
    }
}
