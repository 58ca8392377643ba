import Foundation
import Machine
import Testing

/// Whatever an input does to the chipset, it returns: a million accesses, ten with FUZZD_SOAK=1.
@Suite struct ChipsetSoakTests {
    @Test func generatedAccessesNeitherTrapNorHang() {
        let count = ProcessInfo.processInfo.environment["FUZZD_SOAK"] == "1" ? 10_000_000 : 1_000_000
        let test = TestPC(ramBytes: 16 << 20)
        defer { test.release() }
        let machine = test.pc.machine
        var random = SeededGenerator(seed: 71)
        let ports: [UInt64] = [0x20, 0x40, 0x60, 0x70, 0xa0, 0x3f8, 0x4d0, 0xcf8, 0xcfc]
        var done = 0
        while done < count {
            let size = 1 << Int(random.next() & 3)
            let near = ports[Int(random.next() % UInt64(ports.count))] &+ random.next() & 7
            switch random.next() % 16 {
            case 0...5: machine.io.write(address: near, size: min(size, 4), value: random.next())
            case 6...9: _ = machine.io.read(address: near, size: min(size, 4))
            case 10: machine.memory.write(address: random.next(), size: size, value: random.next())
            case 11: _ = machine.memory.read(address: random.next() & 0x1ff_ffff, size: size)
            case 12: machine.io.write(address: 0xcf8, size: 4, value: 0x8000_0000 | random.next() & 0xffff)
            case 13: machine.clock.step(byNanoseconds: Int64(random.next() & 0xfffff))
            case 14 where done % 64 == 0: machine.clock.stepToNextDeadline()
            default: machine.memory.write(address: random.next() & 0x1ff_ffff, size: size, value: random.next())
            }
            machine.completeRequests()
            done += 1
        }
        #expect(test.qtest.handle(line: "inb 0x80") == ["OK 0x00ff"], "seed 71")
    }
}
