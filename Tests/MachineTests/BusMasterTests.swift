import Machine
import Testing

@Suite struct BusMasterTests {
    @Test func aDeviceThatWritesIntoItselfIsStoppedAtOnce() {
        let test = TestMachine()
        let device = NotingDevice()
        let dma = BusMaster(machine: test.machine)
        test.machine.memory.root.add(device.region(16), at: 0x2_0000)
        test.machine.memory.root.add(device.region(16, tag: 1), at: 0x3_0000)
        var isAccepted: [Bool] = []
        device.onWrite = { _ in
            isAccepted.append(dma.store(UInt32(1), at: 0x2_0000))
            isAccepted.append(dma.store(UInt32(2), at: 0x3_0000))
        }
        test.machine.memory.write(address: 0x2_0000, size: 4, value: 7)
        #expect(device.accesses == [.write(tag: 0, offset: 0, size: 4, value: 7)])
        #expect(isAccepted == [false, false], "all regions of a device share its guard")
        #expect(!device.reentrancyGuard.isEngaged, "released afterwards")
    }

    @Test func aCircleOfDevicesEndsWhereItBegan() {
        let test = TestMachine()
        let dma = BusMaster(machine: test.machine)
        let ring = (0..<5).map { _ in NotingDevice() }
        for (index, device) in ring.enumerated() {
            test.machine.memory.root.add(device.region(16), at: 0x2_0000 + UInt64(index) * 16)
            let next = 0x2_0000 + UInt64((index + 1) % ring.count) * 16
            device.onWrite = { dma.store(UInt32(truncatingIfNeeded: $0 + 1), at: next) }
        }
        test.machine.memory.write(address: 0x2_0000, size: 4, value: 1)
        #expect(ring.map(\.accesses.count) == [1, 1, 1, 1, 1])
        #expect(ring[4].accesses == [.write(tag: 0, offset: 0, size: 4, value: 5)])
    }

    @Test func withoutBusMasteringReadsAreZerosAndWritesVanish() {
        let test = TestMachine()
        let dma = BusMaster(machine: test.machine)
        #expect(dma.store(UInt32(0x1234_5678), at: 0x100))
        #expect(dma.load(UInt16.self, at: 0x102) == 0x1234)
        dma.isEnabled = false
        #expect(dma.load(UInt32.self, at: 0x100) == 0)
        #expect(!dma.store(UInt32.max, at: 0x100))
        #expect(test.ram[0x100] == 0x78)
    }

    @Test func theHookIsToldBeforeEachTransfer() {
        let test = TestMachine()
        let dma = BusMaster(machine: test.machine)
        var calls: [String] = []
        test.machine.dmaHook = { address, length, isWrite in
            calls.append("\(isWrite ? "write" : "read") \(address) \(length)")
            // What the hook puts there is what the device reads.
            if !isWrite { test.ram[Int(address)] = 0xaa }
        }
        #expect(dma.load(UInt8.self, at: 0x40) == 0xaa)
        dma.store(UInt64(1), at: 0x80)
        dma.isEnabled = false
        _ = dma.load(UInt8.self, at: 0x40)
        #expect(calls == ["read 64 1", "write 128 8"])
    }
}
