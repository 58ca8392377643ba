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
        struct Row: Decodable {
            var place: Place
            var bytes: Int
            var inputs: Int
            var smallestInput: Input?
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

    private func audit(_ bugs: [String]) throws -> (Report, text: String, page: String) {
        let workspace = try Workspace()
        for (name, operations) in Self.inputs {
            let bytes = Array(operations.joined(separator: Self.separator))
            try Data(bytes).write(to: URL(fileURLWithPath: workspace.corpus + "/" + name))
        }
        let arguments = (["--harness", "generic", "--objects", "pic pcspk serial"] + bugs.flatMap { ["--bug", $0] })
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

    @Test func badInputIsRefused() throws {
        let workspace = try Workspace()
        let config = try workspace.write(
            "name: audited\ntarget:\n  program: \(Workspace.buildDirectory)/pc-fuzz\n", to: "campaign.yaml")
        let result = try workspace.run(["audit", "--config", config, "--corpus", workspace.corpus])
        #expect(result.exitCode != 0 && result.output.contains("no inputs"), "\(result.output)")
    }
}
