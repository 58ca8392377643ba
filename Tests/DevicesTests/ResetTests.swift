import Devices
import Machine
import Testing

/// Whatever an input did, a reset leaves a machine that nobody can tell from a new one.
@Suite struct ResetTests {
    /// Every register that qtest can see, in an order in which no read disturbs a later one by accident: both
    /// machines are asked the same. After that time passes, so that timers and interrupts are compared too.
    private static let questions: [String] = {
        var lines: [String] = ["inl 0xcf8"]
        for port in [0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, 0x61, 0x61, 0xcf9] { lines.append("inb \(port)") }
        // What is in service, and what was raised.
        for port in [0x20, 0xa0] {
            lines += ["outb \(port) 0x0b", "inb \(port)", "outb \(port) 0x0a", "inb \(port)"]
        }
        for _ in 0..<4 { for port in 0x40...0x43 { lines.append("inb \(port)") } }
        lines += ["outb 0x43 0xee", "inb 0x40", "inb 0x41", "inb 0x42"]
        for port in 0x3f8...0x3ff { lines.append("inb \(port)") }
        lines += ["outb 0x3fb 0x80", "inb 0x3f8", "inb 0x3f9", "outb 0x3fb 0", "inb 0x71"]
        for register in 0..<128 { lines += ["outb 0x70 \(register)", "inb 0x71"] }
        lines += configurationSpace
        lines += ["readq 0xc0000", "readq 0xe0000", "readq 0xf0000", "readq 0xa0000"]
        lines += virtIO
        for _ in 0..<4 { lines += ["clock_step 400000000", "inb 0x61", "inb 0x40", "inb 0x20"] }
        for register in [0, 2, 4, 7, 10, 12] { lines += ["outb 0x70 \(register)", "inb 0x71"] }
        return lines
    }()

    private static let configurationSpace: [String] = [0, 8, 9, 11, 16].flatMap { function in
        stride(from: 0, to: 256, by: 4).flatMap { offset in
            ["outl 0xcf8 \(0x8000_0000 | function << 8 | offset)", "inl 0xcfc"]
        }
    }

    /// Maps the BARs of the virtio-blk and reads all that is behind them.
    private static let virtIO: [String] =
        mapping + (0..<128).map { "inb \(0xc000 + $0)" }
        + stride(from: 0, to: 0x3000, by: 4).map { "readl \(0xfea0_0000 + $0)" }
        + stride(from: 0, to: 0x1000, by: 4).map { "readl \(0xfeb0_0000 + $0)" }

    private static let mapping: [String] = [
        (0x10, 0xc000), (0x14, 0xfeb0_0000), (0x20, 0xfea0_0000), (0x24, 0), (0x04, 7),
    ].flatMap { (offset: Int, value: Int) in
        ["outl 0xcf8 \(0x8000_1000 | offset)", "outl 0xcfc \(value)"]
    }

    private func makePC() -> TestPC {
        TestPC(ramBytes: 16 << 20) { $0.add(VirtIOBlockPCI(machine: $0.machine, sectorCount: 2048)) }
    }

    private func randomLine(_ random: inout SeededGenerator) -> String {
        let ports = [0x20, 0xa0, 0x40, 0x60, 0x70, 0x3f8, 0x3fc, 0x4d0, 0xcf8, 0xcfc, 0xc000, 0xc010]
        let value = random.next() & 0xffff_ffff
        let suffix = ["b", "w", "l"].randomElement(using: &random) ?? "b"
        let port = (ports.randomElement(using: &random) ?? 0) + Int(random.next() & 7)
        switch random.next() % 10 {
        case 0...3: return "out\(suffix) \(port) \(value)"
        case 4: return "in\(suffix) \(port)"
        case 5:
            return
                "outl 0xcf8 \(0x8000_0000 | [0, 8, 9, 11, 16][Int(value % 5)] << 8 | Int(value >> 8 & 0xfc))"
        case 6: return "write\(suffix) \(0xfea0_0000 + random.next() & 0x103fff) \(value)"
        case 7: return "clock_step \(value & 0xff_ffff)"
        case 8: return "set_irq_in ioapic unnamed-gpio-in \(value & 31) \(value >> 8 & 1)"
        default: return "writel \(random.next() & 0xfffff) \(value)"
        }
    }

    @Test(arguments: 81...92 as ClosedRange<UInt64>)
    func aResetMachineAnswersAsANewOne(seed: UInt64) {
        let used = makePC()
        let fresh = makePC()
        defer {
            used.release()
            fresh.release()
        }
        var random = SeededGenerator(seed: seed)
        for line in Self.mapping { _ = used.qtest.handle(line: line) }
        for _ in 0..<3000 { _ = used.qtest.handle(line: randomLine(&random)) }
        used.pc.machine.reset()
        // RAM and time are not the machine's to reset; neither must hide a difference or be one.
        used.ram.initializeMemory(as: UInt8.self, repeating: 0)
        let start = used.pc.machine.clock.nowNanoseconds
        for machine in [used, fresh] {
            #expect(machine.qtest.handle(line: "irq_intercept_in ioapic") == ["OK"])
        }
        for (number, line) in Self.questions.enumerated() {
            var answer = used.qtest.handle(line: line)
            if line.hasPrefix("clock_step") {
                answer[answer.count - 1] = "OK \(used.pc.machine.clock.nowNanoseconds - start)"
            }
            let expected = fresh.qtest.handle(line: line)
            guard answer == expected else {
                Issue.record("seed \(seed), question \(number) '\(line)': new \(expected), reset \(answer)")
                return
            }
        }
    }

    @Test func aResetAskedForByTheGuestHappensAfterTheAccess() {
        let test = makePC()
        defer { test.release() }
        #expect(test.qtest.handle(line: "outb 0x21 0x55") == ["OK"])
        #expect(test.qtest.handle(line: "inb 0x21") == ["OK 0x0055"])
        #expect(test.qtest.handle(line: "outb 0xcf9 6") == ["OK"])
        #expect(test.qtest.handle(line: "inb 0x21") == ["OK 0x0000"])
        #expect(!test.pc.machine.isResetRequested)
    }
}
