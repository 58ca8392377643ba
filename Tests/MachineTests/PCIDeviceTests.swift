import Machine
import Testing

/// A function with a port BAR, a 32-bit and a 64-bit memory BAR, and MSI-X in the 32-bit one.
final class TestFunction: PCIDevice {
    let ports = NotingDevice()
    let registers = NotingDevice()
    var written: [Int] = []

    init(machine: Machine) {
        super.init(
            machine: machine, typeName: "test-function",
            identity: PCIIdentity(vendor: 0x1234, device: 0x5678, classCode: 0x0180, interruptPin: 1))
        addBAR(0, kind: .io, region: ports.region(32))
        let memory = MemoryRegion.container(name: "bar1", size: 0x1000)
        addBAR(1, kind: .memory32, region: memory)
        addBAR(4, kind: .memory64, isPrefetchable: true, region: registers.region(0x4000))
        addMSIX(vectorCount: 3, bar: 1, barRegion: memory, tableOffset: 0, pendingOffset: 0x800)
    }

    override func configurationWritten(offset: Int, size: Int) { written.append(offset) }
}

/// A test machine with one `TestFunction` in slot 3.
final class TestBus {
    let test = TestMachine()
    let bus: PCIBus
    let function: TestFunction
    var machine: Machine { test.machine }
    private(set) var pins: [String] = []

    init() {
        let pci = MemoryRegion.container(name: "pci", size: .max)
        test.machine.memory.root.add(pci, at: 0, priority: -1)
        bus = PCIBus(memoryRegion: pci, ioRegion: test.machine.io.root)
        function = TestFunction(machine: test.machine)
        bus.add(function, slot: 3)
        bus.pinHandler = { [unowned self] in pins.append("\($0) \($1) \($2)") }
        machine.reset()
    }

    func read(_ offset: Int, _ size: Int = 4) -> UInt32 {
        bus.readConfiguration(address: UInt32(3 << 11 | offset), size: size)
    }

    func write(_ offset: Int, _ value: UInt32, _ size: Int = 4) {
        bus.writeConfiguration(address: UInt32(3 << 11 | offset), size: size, value: value)
    }
}

@Suite struct PCIDeviceTests {
    @Test func identityIsReadOnlyAndAbsentFunctionsReadAsOnes() {
        let bus = TestBus()
        bus.write(0, 0xffff_ffff)
        #expect(bus.read(0) == 0x5678_1234)
        #expect(bus.read(0x0a, 2) == 0x0180)
        #expect(bus.bus.readConfiguration(address: 4 << 11, size: 4) == .max)
        #expect(bus.bus.readConfiguration(address: 4 << 11, size: 1) == 0xff)
        #expect(bus.bus.readConfiguration(address: 1 << 16 | 3 << 11, size: 2) == 0xffff, "bus 1")
    }

    @Test func onesWrittenToABARTellItsSizeAndKind() {
        let bus = TestBus()
        for offset in [0x10, 0x14, 0x18, 0x20, 0x24] { bus.write(offset, .max) }
        #expect(bus.read(0x10) == 0xffff_ffe1)
        #expect(bus.read(0x14) == 0xffff_f000)
        #expect(bus.read(0x18) == 0, "no BAR")
        #expect(bus.read(0x20) == 0xffff_c00c)
        #expect(bus.read(0x24) == 0xffff_ffff)
    }

    @Test func aBARDecodesOnlyWhileTheCommandRegisterAllows() {
        let bus = TestBus()
        let function = bus.function
        bus.write(0x10, 0xc000)
        bus.write(0x20, 0x8000_0000)
        bus.write(0x24, 2)
        #expect(function.bars[0]?.address == nil)
        bus.write(4, 1, 2)
        #expect(function.bars[0]?.address == 0xc000)
        #expect(function.bars[4]?.address == nil)
        #expect(bus.machine.io.read(address: 0xc004, size: 1) == 4)
        bus.write(4, 2, 2)
        #expect(bus.machine.io.read(address: 0xc004, size: 1) == 0xff)
        #expect(function.bars[4]?.address == 0x2_8000_0000)
        #expect(bus.machine.memory.read(address: 0x2_8000_0008, size: 1) == 8)
        bus.write(0x24, 3)
        #expect(bus.machine.memory.region(at: 0x2_8000_0008) == nil)
        #expect(bus.machine.memory.region(at: 0x3_8000_0008)?.offset == 8)
    }

    @Test(arguments: [0, 0xffff_f000 as UInt32]) func theFirstAndTheLastPlaceMapNothing(address: UInt32) {
        let bus = TestBus()
        bus.write(0x14, address)
        bus.write(4, 2, 2)
        #expect(bus.function.bars[1]?.address == nil)
        bus.write(0x14, 0xffff_e000)
        #expect(bus.function.bars[1]?.address == 0xffff_e000)
    }

    @Test func accessesPastTheEndOfTheSpaceAreCut() {
        let bus = TestBus()
        bus.function.setConfiguration(0xff, 0x5a)
        #expect(bus.read(0xff) == 0x5a)
        bus.write(0xff, 0x1122_3344)
        #expect(bus.read(0xff) == 0x44)
        #expect(bus.function.written.last == 0xff)
    }

    @Test func theInterruptPinFollowsTheDisableBit() {
        let bus = TestBus()
        bus.function.setInterrupt(true)
        #expect(bus.read(6, 1) & 8 == 8)
        bus.write(4, 0x400, 2)
        #expect(bus.read(6, 1) & 8 == 8, "the status bit stays")
        bus.write(4, 0, 2)
        bus.function.setInterrupt(false)
        #expect(bus.pins == ["24 0 true", "24 0 false", "24 0 true", "24 0 false"])
    }

    @Test func busMasteringFollowsTheCommandRegister() {
        let bus = TestBus()
        #expect(!bus.function.dma.store(UInt8(1), at: 0x10))
        bus.write(4, 4, 2)
        #expect(bus.function.dma.store(UInt8(1), at: 0x10))
        #expect(bus.test.ram[0x10] == 1)
    }

    /// Random writes never change a bit that is not in the masks, and a reset undoes them all.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func masksHoldAndAResetUndoesAll(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bus = TestBus()
        let before = bus.function.configuration
        for _ in 0..<500 {
            bus.write(random.below(256), UInt32(truncatingIfNeeded: random.next()), 1 << random.below(3))
        }
        let after = bus.function.configuration
        for offset in 0..<256 {
            let open = bus.function.writeMask[offset] | bus.function.writeOneToClearMask[offset]
            #expect((before[offset] ^ after[offset]) & ~open == 0, "seed \(seed), register \(offset)")
        }
        bus.machine.reset()
        #expect(bus.function.configuration == before, "seed \(seed)")
        #expect(bus.function.bars.allSatisfy { $0?.address == nil })
    }
}
