import Machine
import Testing

/// Vectors deliver into RAM, where the test sees them.
@Suite struct MSIXTests {
    private static let table: UInt64 = 0xe000_0000
    private static let pending: UInt64 = 0xe000_0800

    private func make() throws -> (bus: TestBus, msix: MSIX, control: Int) {
        let bus = TestBus()
        let msix = try #require(bus.function.msix)
        bus.write(0x14, UInt32(Self.table))
        bus.write(4, 6, 2)
        for vector in 0..<3 {
            let entry = Self.table + UInt64(vector) * 16
            bus.machine.memory.write(address: entry, size: 8, value: 0x1000 + UInt64(vector) * 4)
            bus.machine.memory.write(address: entry + 8, size: 4, value: 0xab00 + UInt64(vector))
        }
        return (bus, msix, msix.capabilityOffset + 2)
    }

    private func mask(_ bus: TestBus, _ vector: Int, _ isMasked: Bool) {
        bus.machine.memory.write(
            address: Self.table + UInt64(vector) * 16 + 12, size: 4, value: isMasked ? 1 : 0)
    }

    private func delivered(_ bus: TestBus, _ vector: Int) -> UInt64 {
        bus.machine.memory.read(address: 0x1000 + UInt64(vector) * 4, size: 4)
    }

    private func pendingBits(_ bus: TestBus) -> UInt64 {
        bus.machine.memory.read(address: Self.pending, size: 8)
    }

    @Test func theCapabilitySaysWhatIsThere() throws {
        let (bus, msix, control) = try make()
        #expect(bus.read(0x34, 1) == UInt32(msix.capabilityOffset))
        #expect(bus.read(msix.capabilityOffset, 1) == 0x11)
        #expect(bus.read(control, 2) == 2, "vectors less one")
        #expect(bus.read(control + 2) == 1, "table at 0 of BAR 1")
        #expect(bus.read(control + 6) == 0x801)
        #expect(bus.machine.memory.read(address: Self.table + 12, size: 4) == 1, "masked at power-on")
    }

    @Test func nothingHappensWhileDisabled() throws {
        let (bus, msix, _) = try make()
        mask(bus, 0, false)
        msix.notify(vector: 0)
        #expect(delivered(bus, 0) == 0)
        #expect(pendingBits(bus) == 0)
    }

    @Test func anUnmaskedVectorDeliversItsMessage() throws {
        let (bus, msix, control) = try make()
        bus.write(control, 0x8000, 2)
        mask(bus, 1, false)
        msix.notify(vector: 1)
        #expect(delivered(bus, 1) == 0xab01)
        #expect(delivered(bus, 0) == 0 && delivered(bus, 2) == 0)
        #expect(pendingBits(bus) == 0)
    }

    @Test func aMaskedVectorWaitsAndUnmaskingDeliversIt() throws {
        let (bus, msix, control) = try make()
        bus.write(control, 0x8000, 2)
        msix.notify(vector: 2)
        #expect(pendingBits(bus) == 4)
        #expect(delivered(bus, 2) == 0)
        mask(bus, 2, false)
        #expect(delivered(bus, 2) == 0xab02)
        #expect(pendingBits(bus) == 0)
    }

    @Test func theFunctionMaskHoldsAllAndLettingGoDeliversAll() throws {
        let (bus, msix, control) = try make()
        bus.write(control, 0xc000, 2)
        for vector in 0..<3 {
            mask(bus, vector, vector == 1)
            msix.notify(vector: vector)
        }
        #expect(pendingBits(bus) == 7)
        bus.write(control, 0x8000, 2)
        #expect((0..<3).map { delivered(bus, $0) } == [0xab00, 0, 0xab02])
        #expect(pendingBits(bus) == 2)
        msix.clearPending(vector: 1)
        mask(bus, 1, false)
        #expect(delivered(bus, 1) == 0, "forgotten")
    }

    @Test func vectorsAndOffsetsThatAreNotThereAreHarmless() throws {
        let (bus, msix, control) = try make()
        bus.write(control, 0x8000, 2)
        for vector in [-1, 3, 2048, Int.max] {
            msix.notify(vector: vector)
            msix.clearPending(vector: vector)
        }
        #expect(pendingBits(bus) == 0)
        bus.machine.memory.write(address: Self.table + 48, size: 8, value: .max)
        #expect(bus.machine.memory.read(address: Self.table + 48, size: 8) == 0)
        bus.machine.memory.write(address: Self.pending, size: 8, value: .max)
        #expect(pendingBits(bus) == 0, "pending bits are read-only")
        bus.machine.memory.write(address: Self.table, size: 1, value: 0x55)
        #expect(bus.machine.memory.read(address: Self.table, size: 8) == 0x1000, "bytes are refused")
    }
}
