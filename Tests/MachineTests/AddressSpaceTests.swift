import Machine
import Testing

@Suite struct AddressSpaceTests {
    private typealias Access = NotingDevice.Access

    private func make(_ rules: AccessRules, size: UInt64 = 16) -> (device: NotingDevice, space: AddressSpace)
    {
        let device = NotingDevice()
        let space = AddressSpace(
            name: "test", root: .container(name: "root", size: 0x1000), unassignedByte: 0xee)
        space.root.add(device.region(size, tag: 5, rules), at: 0x100)
        return (device, space)
    }

    @Test func aWideAccessIsCutToWhatTheDeviceImplements() {
        let (device, space) = make(AccessRules(implemented: 1...1))
        #expect(space.read(address: 0x104, size: 4) == 0x0706_0504)
        #expect(device.accesses == (4..<8).map { Access.read(tag: 5, offset: $0, size: 1) })
        device.accesses = []
        space.write(address: 0x108, size: 2, value: 0xaabb)
        #expect(
            device.accesses == [
                .write(tag: 5, offset: 8, size: 1, value: 0xbb),
                .write(tag: 5, offset: 9, size: 1, value: 0xaa),
            ])
    }

    @Test func aNarrowAccessIsWidened() {
        let (device, space) = make(AccessRules(implemented: 4...4))
        #expect(space.read(address: 0x104, size: 1) == 4)
        space.write(address: 0x104, size: 1, value: 0x9f)
        #expect(
            device.accesses == [
                .read(tag: 5, offset: 4, size: 4), .write(tag: 5, offset: 4, size: 4, value: 0x9f),
            ])
    }

    @Test func anUnalignedAccessIsCutAtItsAlignment() {
        let (device, space) = make(.standard)
        #expect(space.read(address: 0x101, size: 4) == 0x0403_0201)
        #expect(
            device.accesses == [
                .read(tag: 5, offset: 1, size: 1), .read(tag: 5, offset: 2, size: 2),
                .read(tag: 5, offset: 4, size: 1),
            ])
    }

    @Test func eightBytesArriveAsTwoHalves() {
        let (device, space) = make(.standard)
        space.write(address: 0x108, size: 8, value: 0x1122_3344_5566_7788)
        #expect(
            device.accesses == [
                .write(tag: 5, offset: 8, size: 4, value: 0x5566_7788),
                .write(tag: 5, offset: 12, size: 4, value: 0x1122_3344),
            ])
    }

    @Test func aSizeThatIsNotValidIsRefused() {
        let (device, space) = make(AccessRules(valid: 4...4, implemented: 4...4))
        #expect(space.read(address: 0x100, size: 2) == 0, "refused accesses read as zeros, not as unassigned")
        space.write(address: 0x100, size: 1, value: 1)
        #expect(device.accesses.isEmpty)
        #expect(space.read(address: 0x104, size: 4) == 0x0706_0504)
        #expect(device.accesses == [.read(tag: 5, offset: 4, size: 4)])
        var bytes = [UInt8](repeating: 0, count: 3)
        let isComplete = bytes.withUnsafeMutableBytes { space.readBytes(address: 0x100, into: $0) }
        #expect(!isComplete)
    }

    @Test func whatNobodyOwnsReadsAsUnassignedBytes() {
        let (device, space) = make(.standard)
        #expect(space.read(address: 0x110, size: 4) == 0xeeee_eeee)
        #expect(space.read(address: 0xfe, size: 4) == 0x0100_eeee, "the mapped half is read all the same")
        #expect(space.read(address: .max, size: 8) == 0xeeee_eeee_eeee_eeee, "addresses wrap at the top")
        space.write(address: 0x200, size: 8, value: .max)
        #expect(device.accesses == [.read(tag: 5, offset: 0, size: 2)])
    }

    @Test func sizesBeyondEightAndBelowOneAreHarmless() {
        let (_, space) = make(.standard)
        #expect(space.read(address: 0x100, size: 64) == 0x0706_0504_0302_0100)
        #expect(space.read(address: 0x100, size: -3) == 0)
        space.write(address: 0x100, size: 99, value: 1)
    }

    @Test func aTransferCrossesFromMemoryToRegistersAndBack() {
        let test = TestMachine()
        let device = NotingDevice()
        let memory = test.machine.memory
        memory.root.add(device.region(4), at: 0x102, priority: 1)
        #expect(memory.write(bytes: [1, 2, 3, 4, 5, 6, 7, 8], at: 0x100))
        #expect(Array(test.ram[0x100..<0x108]) == [1, 2, 0, 0, 0, 0, 7, 8])
        #expect(device.accesses == [.write(tag: 0, offset: 0, size: 4, value: 0x0605_0403)])
        #expect(memory.bytes(at: 0x100, count: 8) == [1, 2, 0, 1, 2, 3, 7, 8])
    }

    @Test func aROMKeepsItsContents() {
        let test = TestMachine()
        test.ram[0x20] = 0x77
        let rom = MemoryRegion(name: "rom", size: 0x100, kind: .ram(test.ram), isReadOnly: true)
        test.machine.memory.root.add(rom, at: 0x8000_0000)
        #expect(!test.machine.memory.write(bytes: [1], at: 0x8000_0020))
        #expect(test.machine.memory.read(address: 0x8000_0020, size: 1) == 0x77)
        let alias = MemoryRegion.alias(
            name: "shadow", of: test.machine.ramRegion, targetOffset: 0, size: 0x100, isReadOnly: true)
        test.machine.memory.root.add(alias, at: 0x9000_0000)
        #expect(test.machine.memory.view.range(containing: 0x9000_0020)?.isReadOnly == true)
        #expect(test.machine.memory.write(bytes: [0x78], at: 0x9000_0020), "binds the processor only")
        #expect(test.ram[0x20] == 0x78)
    }

    @Test func aStretchOfMemoryEndsWhereSomethingCoversIt() {
        let test = TestMachine()
        let memory = test.machine.memory
        memory.root.add(NotingDevice().region(16), at: 0x1000, priority: 1)
        #expect(memory.contiguousRAM(at: 0xff0, length: 100) == 16)
        #expect(memory.contiguousRAM(at: 0x1000, length: 100) == 0)
        #expect(memory.contiguousRAM(at: 0x1010, length: .max) == UInt64(TestMachine.ramBytes) - 0x1010)
    }

    /// Random transfers over RAM with holes, against an array of bytes.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func transfersAreTheSameInPiecesOfAnySize(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let test = TestMachine()
        let memory = test.machine.memory
        var model = [UInt8](repeating: 0, count: 0x400)
        for _ in 0..<400 {
            let address = random.below(0x3f8)
            if random.below(2) == 0 {
                let size = 1 << random.below(4)
                let value = random.next()
                memory.write(address: UInt64(address), size: size, value: value)
                for index in 0..<size {
                    model[address + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8))
                }
            } else {
                let count = random.below(min(64, 0x400 - address)) + 1
                let expected = Array(model[address..<(address + count)])
                #expect(memory.bytes(at: UInt64(address), count: count) == expected, "seed \(seed)")
            }
        }
    }
}

extension AddressSpace {
    func write(bytes: [UInt8], at address: UInt64) -> Bool {
        bytes.withUnsafeBytes { writeBytes(address: address, from: $0) }
    }

    func bytes(at address: UInt64, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { _ = readBytes(address: address, into: $0) }
        return bytes
    }
}
