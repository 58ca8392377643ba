import Foundation
import Machine
import Testing

// The device of docs/device-model.md: what stands between the markers is printed there.
// example begins
/// A countdown: four ports. 0 to 3 hold microseconds; reaching zero raises the interrupt, reading lowers it.
final class Countdown: Device, MemoryRegionOps {
    private unowned let machine: Machine
    private let interrupt: InterruptLine
    private var microseconds: UInt32 = 0
    private var timer: VirtualClock.Timer?

    init(machine: Machine, port: UInt64, interruptNumber: Int) {
        self.machine = machine
        interrupt = machine.interrupts.line(interruptNumber)
        super.init(typeName: "countdown")
        timer = machine.clock.makeTimer { [unowned self] in
            microseconds = 0
            interrupt.set(true)
        }
        let region = MemoryRegion.io(
            name: "countdown", owner: self, size: 4, ops: self, access: AccessRules(implemented: 4...4))
        machine.io.root.add(region, at: port)
        machine.register(self)
    }

    override func reset() {
        microseconds = 0
        timer?.cancel()
        interrupt.set(false)
    }

    func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        interrupt.set(false)
        return UInt64(microseconds)
    }

    func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        microseconds = UInt32(truncatingIfNeeded: value)
        timer?.arm(atNanoseconds: machine.clock.nowNanoseconds &+ Int64(microseconds) * 1000)
    }
}
// example ends

@Suite struct ExampleDeviceTests {
    @Test func theExampleWorks() {
        let test = TestMachine()
        _ = Countdown(machine: test.machine, port: 0x300, interruptNumber: 5)
        let session = QTestSession(machine: test.machine)
        let conversation: [(String, [String])] = [
            ("irq_intercept_in ioapic", ["OK"]), ("outl 0x300 3", ["OK"]), ("inl 0x300", ["OK 0x0003"]),
            ("clock_step 2999", ["OK 2999"]), ("clock_step", ["IRQ raise 5", "OK 3000"]),
            ("inl 0x300", ["IRQ lower 5", "OK 0x0000"]), ("outl 0x300 9", ["OK"]),
        ]
        for (line, answer) in conversation { #expect(session.handle(line: line) == answer, "\(line)") }
        test.machine.reset()
        #expect(session.handle(line: "clock_step") == ["OK 3000"], "reset disarms")
    }

    @Test func theDocumentPrintsIt() throws {
        let file = URL(fileURLWithPath: #filePath)
        let source = try String(contentsOf: file, encoding: .utf8)
        let start = try #require(source.range(of: "// example begins\n"))
        let end = try #require(source.range(of: "// example ends\n"))
        let code = String(source[start.upperBound..<end.lowerBound])
        let root = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let document = try String(
            contentsOf: root.appendingPathComponent("docs/device-model.md"), encoding: .utf8)
        #expect(document.contains("```swift\n" + code + "```"))
    }
}
