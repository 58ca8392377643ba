import Foundation
import Testing

/// Random traces must be answered by our machine exactly as by QEMU.
@Suite(.serialized) struct RandomTraceTests {
    private func compare(seed: UInt64, count: Int, _ make: (inout SeededGenerator) -> [String]) throws {
        var random = SeededGenerator(seed: seed)
        var trace: [String] = []
        while trace.count < count { trace += make(&random) }
        let reference = try ReferenceQEMU()
        let ours = TestPC()
        defer {
            reference.stop()
            ours.release()
        }
        let intercept = "irq_intercept_in ioapic"
        let difference = try firstDifference([intercept] + trace, ours: ours.qtest, reference: reference)
        #expect(difference == nil, "seed \(seed): \(difference ?? "")")
    }

    private static func port(_ random: inout SeededGenerator, _ ports: ClosedRange<Int>) -> [String] {
        let port = Int.random(in: ports, using: &random)
        let isWrite = Bool.random(using: &random)
        return [isWrite ? "outb \(port) \(UInt8.random(in: 0...255, using: &random))" : "inb \(port)"]
    }

    @Test(.enabled(if: ReferenceQEMU.isInstalled), arguments: [11, 12, 13] as [UInt64])
    func interruptControllers(seed: UInt64) throws {
        try compare(seed: seed, count: 4000) { random in
            if Int.random(in: 0..<8, using: &random) == 0 { return Self.port(&random, 0x4d0...0x4d1) }
            let base = Bool.random(using: &random) ? 0x20 : 0xa0
            return Self.port(&random, base...(base + 1))
        }
    }

    @Test(.enabled(if: ReferenceQEMU.isInstalled), arguments: [21, 22, 23] as [UInt64])
    func intervalTimerAndSpeaker(seed: UInt64) throws {
        try compare(seed: seed, count: 4000) { random in
            Int.random(in: 0..<6, using: &random) == 0
                ? Self.port(&random, 0x61...0x61) : Self.port(&random, 0x40...0x43)
        }
    }

    @Test(.enabled(if: ReferenceQEMU.isInstalled), arguments: [31, 32, 33] as [UInt64])
    func serialPort(seed: UInt64) throws {
        try compare(seed: seed, count: 4000) { Self.port(&$0, 0x3f8...0x3ff) }
    }

    @Test(.enabled(if: ReferenceQEMU.isInstalled), arguments: [41, 42, 43, 44, 45, 46] as [UInt64])
    func realTimeClock(seed: UInt64) throws {
        try compare(seed: seed, count: 4000) { random in
            let register = Int.random(in: 0..<(Bool.random(using: &random) ? 16 : 128), using: &random)
            return ["outb 0x70 \(register)"] + Self.port(&random, 0x71...0x71)
        }
    }

    @Test(.enabled(if: ReferenceQEMU.isInstalled), arguments: [51, 52, 53] as [UInt64])
    func configurationSpace(seed: UInt64) throws {
        try compare(seed: seed, count: 6000) { random in
            let function = [0, 8, 9, 11, 16, 255].randomElement(using: &random) ?? 0
            let offset = Int.random(in: 0..<256, using: &random)
            let port = 0xcfc + (offset & 3)
            let size = ["b", "w", "l"].randomElement(using: &random) ?? "b"
            let select = "outl 0xcf8 \(0x8000_0000 | function << 8 | offset & 0xfc)"
            // The IDE and power-management functions have registers that only QEMU has: read only.
            if Bool.random(using: &random) || function == 9 || function == 11 {
                return [select, "in\(size) \(port)"]
            }
            return [select, "out\(size) \(port) \(UInt32.random(in: 0...UInt32.max, using: &random))"]
        }
    }

    @Test(.enabled(if: ReferenceQEMU.isInstalled), arguments: [61, 62, 63, 64] as [UInt64])
    func memoryAndShadowing(seed: UInt64) throws {
        try compare(seed: seed, count: 4000) { random in
            if Int.random(in: 0..<6, using: &random) == 0 {
                // PAM, and SMRAM with its open bit.
                let offset =
                    [0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x72].randomElement(using: &random) ?? 0x59
                let value = UInt8.random(in: 0...255, using: &random)
                return ["outl 0xcf8 \(0x8000_0000 | offset & 0xfc)", "outb \(0xcfc + (offset & 3)) \(value)"]
            }
            let address = Int.random(in: 0xa0000...0xfffff, using: &random)
            if Bool.random(using: &random) {
                return ["read \(address) \(Int.random(in: 1...64, using: &random))"]
            }
            let suffix = ["b", "w", "l", "q"].randomElement(using: &random) ?? "b"
            return ["write\(suffix) \(address) \(UInt32.random(in: 0...UInt32.max, using: &random))"]
        }
    }
}
