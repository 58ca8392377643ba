import Devices
import Foundation
import Testing

/// What the real QEMU answered, as `scripts/record-qtest` wrote it down. Needs no QEMU.
struct RecordedTrace: CustomTestStringConvertible {
    struct Step {
        let command: String
        var answers: [String]
        let line: Int
    }

    let name: String
    let steps: [Step]
    /// QEMU's version line.
    let reference: String
    let hasVirtIOBlock: Bool

    var testDescription: String { name }

    init(name: String, text: String) {
        self.name = name
        var steps: [Step] = []
        var reference = ""
        var arguments = ""
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("< ") {
                steps[steps.count - 1].answers.append(String(line.dropFirst(2)))
            } else if line.hasPrefix("# reference: ") {
                reference = String(line.dropFirst(13))
            } else if line.hasPrefix("# arguments: ") {
                arguments = String(line.dropFirst(13))
            } else if !line.isEmpty && !line.hasPrefix("#") {
                steps.append(Step(command: String(line), answers: [], line: index + 1))
            }
        }
        self.steps = steps
        self.reference = reference
        hasVirtIOBlock = arguments.contains("virtio-blk-pci")
    }

    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Reference")

    static func all() throws -> [RecordedTrace] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            .filter { $0.hasSuffix(".qtest") }
            .map { name in
                let text = try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
                return RecordedTrace(name: name, text: text)
            }
    }
}

@Suite struct RecordedTraceTests {
    @Test func everyDeviceHasATrace() throws {
        let names = try RecordedTrace.all().map(\.name)
        #expect(
            Set(names).isSuperset(of: [
                "pci.qtest", "pic.qtest", "pit.qtest", "rtc.qtest", "serial.qtest", "virtio-blk.qtest",
            ]))
    }

    @Test(arguments: try RecordedTrace.all())
    func ourMachineAnswersAsRecorded(trace: RecordedTrace) throws {
        #expect(trace.reference.hasPrefix("QEMU emulator version"), "not recorded: run scripts/record-qtest")
        #expect(trace.steps.count >= 300)
        let test = TestPC { pc in
            // 64 MiB, as the recorded machine's disk.
            if trace.hasVirtIOBlock { pc.add(VirtIOBlockPCI(machine: pc.machine, sectorCount: 64 << 11)) }
        }
        defer { test.release() }
        for step in trace.steps {
            let answer = test.qtest.handle(line: step.command)
            if answer != step.answers {
                Issue.record(
                    "\(trace.name):\(step.line): '\(step.command)': QEMU \(step.answers), ours \(answer)")
                return
            }
        }
    }
}
