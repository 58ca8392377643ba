import Machine

/// The PIIX3 ISA bridge (82371SB data sheet): PIRQ routing and the reset control register at 0xcf9.
package final class ISABridge: PCIDevice, MemoryRegionOps {
    private static let firstRoute = 0x60
    private var resetControl: UInt8 = 0
    /// Functions that pull each PIRQ: a bit each, by device number (only INTA to INTD of 32 slots share).
    private var pullers = [UInt64](repeating: 0, count: 4 * 4)
    private var drivenLevels: UInt16 = 0

    package init(machine: Machine, bus: PCIBus) {
        super.init(
            machine: machine, typeName: "PIIX3",
            identity: PCIIdentity(vendor: 0x8086, device: 0x7000, classCode: 0x0601))
        setConfiguration(0x07, 0x02)
        setConfiguration(0x0e, 0x80)
        bus.add(self, slot: 1)
        bus.pinHandler = { [unowned self] in setPin(deviceFunction: $0, pin: $1, isRaised: $2) }
        machine.io.root.add(
            .io(
                name: "piix3-reset-control", owner: self, size: 1, ops: self,
                access: AccessRules(implemented: 1...1)), at: 0xcf9, priority: 1)
    }

    package override func reset() {
        super.reset()
        let values: [(Int, UInt8)] = [
            (0x4c, 0x4d), (0x4e, 0x03), (0x60, 0x80), (0x61, 0x80), (0x62, 0x80), (0x63, 0x80),
            (0x69, 0x02), (0x70, 0x80), (0x76, 0x0c), (0x77, 0x0c), (0x78, 0x02), (0xa0, 0x08), (0xa8, 0x0f),
        ]
        for (offset, value) in values { setConfiguration(offset, value) }
        resetControl = 0
        updateRoutes()
    }

    private func setPin(deviceFunction: Int, pin: Int, isRaised: Bool) {
        let slot = deviceFunction >> 3
        // Boards rotate the pins by slot so that INTA of neighbours does not meet.
        let route = (pin &+ slot &+ 3) & 3
        let group = route * 4 + (pin & 3)
        let bit: UInt64 = 1 &<< UInt64(slot & 31)
        pullers[group] = isRaised ? pullers[group] | bit : pullers[group] & ~bit
        updateRoutes()
    }

    private func updateRoutes() {
        var levels: UInt16 = 0
        for route in 0..<4 {
            let interrupt = configuration[Self.firstRoute + route]
            guard interrupt < 16, (0..<4).contains(where: { pullers[route * 4 + $0] != 0 }) else { continue }
            levels |= 1 &<< UInt16(interrupt)
        }
        for number in 0..<16 where (levels ^ drivenLevels) & (1 &<< UInt16(number)) != 0 {
            machine.interrupts.setInput(number, isRaised: levels & (1 &<< UInt16(number)) != 0)
        }
        drivenLevels = levels
    }

    package override func configurationWritten(offset: Int, size: Int) {
        if offset < 0x64 && offset + size > Self.firstRoute { updateRoutes() }
    }

    package func read(tag: Int, offset: UInt64, size: Int) -> UInt64 { UInt64(resetControl) }

    package func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        if value & 4 != 0 { machine.isResetRequested = true } else { resetControl = UInt8(value & 2) }
    }
}
