import Devices
import Foundation
import Machine
import Testing

/// Whatever an input does to the whole PC, it returns: a million accesses, ten with FUZZD_SOAK=1.
@Suite struct ChipsetSoakTests {
    private static let ports: [UInt64] = [
        0x20, 0x40, 0x60, 0x70, 0xa0, 0x3f8, 0x4d0, 0xcf8, 0xcfc, 0xc000, 0xc010,
    ]

    /// One operation, and what the machine does after it.
    private func operate(_ machine: Machine, _ random: inout SeededGenerator) {
        let size = 1 << Int(random.next() & 3)
        let near = Self.ports[Int(random.next() % UInt64(Self.ports.count))] &+ random.next() & 7
        switch random.next() % 18 {
        case 0...5: machine.io.write(address: near, size: min(size, 4), value: random.next())
        case 6...9: _ = machine.io.read(address: near, size: min(size, 4))
        case 10: machine.memory.write(address: random.next(), size: size, value: random.next())
        case 11: _ = machine.memory.read(address: random.next() & 0x1ff_ffff, size: size)
        case 12: machine.io.write(address: 0xcf8, size: 4, value: 0x8000_0000 | random.next() & 0xffff)
        case 13: machine.clock.step(byNanoseconds: Int64(random.next() & 0xfffff))
        case 14 where random.next() % 64 == 0: machine.clock.stepToNextDeadline()
        case 15: machine.interrupts.setInput(Int(random.next() % 26) - 1, isRaised: random.next() & 1 != 0)
        case 16:
            let address = 0xfea0_0000 + random.next() & 0x10_3fff
            machine.memory.write(address: address, size: size, value: random.next())
        default: machine.memory.write(address: random.next() & 0x1ff_ffff, size: size, value: random.next())
        }
        machine.completeRequests()
    }

    /// Accesses find the virtio-blk device only while its BARs are mapped; random ones unmap them soon.
    private func mapDevice(_ bus: PCIBus) {
        let registers: [(UInt32, UInt32)] = [
            (0x10, 0xc000), (0x14, 0xfeb0_0000), (0x20, 0xfea0_0000), (0x24, 0), (0x04, 7),
        ]
        for (offset, value) in registers {
            bus.writeConfiguration(address: 0x1000 | offset, size: 4, value: value)
        }
    }

    @Test func generatedAccessesNeitherTrapNorHang() {
        let seed: UInt64 = 71
        let isLong = ProcessInfo.processInfo.environment["FUZZD_SOAK"] != nil
        let count = isLong ? 10_000_000 : 1_000_000
        let test = TestPC(ramBytes: 16 << 20) {
            $0.add(VirtIOBlockPCI(machine: $0.machine, sectorCount: 2048))
        }
        defer { test.release() }
        var random = SeededGenerator(seed: seed)
        for number in 0..<count {
            if number % 256 == 0 { mapDevice(test.pc.bus) }
            operate(test.pc.machine, &random)
        }
        print("soak of the PC: \(count) operations, seed \(seed)")
        test.pc.machine.reset()
        #expect(test.qtest.handle(line: "inb 0x3fd") == ["OK 0x0060"], "seed \(seed)")
        #expect(test.qtest.handle(line: "inl 0xcf8") == ["OK 0x0000"], "seed \(seed)")
    }
}
