import Machine

/// The PC's two 8259A at ports 0x20 and 0xa0, the slave on the master's input 2, and their ELCRs at 0x4d0.
package final class InterruptControllerPair: Device, MemoryRegionOps, InterruptSink {
    private let master: InterruptController
    private let slave: InterruptController
    /// The master's output: the processor's INTR.
    package private(set) var isInterruptRequested = false
    private enum Tag { static let master = 0, slave = 1, masterLevels = 2, slaveLevels = 3 }

    package init(machine: Machine) {
        master = InterruptController(isMaster: true, levelMask: 0xf8, bugs: machine.plantedBugs)
        slave = InterruptController(isMaster: false, levelMask: 0xde, bugs: machine.plantedBugs)
        super.init(typeName: "isa-i8259")
        master.output = { [unowned self] in isInterruptRequested = $0 }
        slave.output = { [unowned self] in master.setInput(2, isRaised: $0) }
        let rules = AccessRules(implemented: 1...1)
        let places: [(String, UInt64, UInt64, Int)] = [
            ("pic", 0x20, 2, Tag.master), ("pic", 0xa0, 2, Tag.slave),
            ("elcr", 0x4d0, 1, Tag.masterLevels), ("elcr", 0x4d1, 1, Tag.slaveLevels),
        ]
        for (name, port, size, tag) in places {
            machine.io.root.add(
                .io(name: name, owner: self, size: size, ops: self, tag: tag, access: rules), at: port)
        }
        machine.interrupts.attach(self, count: 16)
    }

    package override func reset() {
        master.reset()
        slave.reset()
    }

    package func setInput(_ number: Int, isRaised: Bool) {
        (number < 8 ? master : slave).setInput(number & 7, isRaised: isRaised)
    }

    package func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        switch tag {
        case Tag.master: UInt64(master.read(port: offset))
        case Tag.slave: UInt64(slave.read(port: offset))
        case Tag.masterLevels: UInt64(master.levelControl)
        default: UInt64(slave.levelControl)
        }
    }

    package func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        let byte = UInt8(truncatingIfNeeded: value)
        switch tag {
        case Tag.master: master.write(port: offset, byte)
        case Tag.slave: slave.write(port: offset, byte)
        case Tag.masterLevels: master.levelControl = byte
        default: slave.levelControl = byte
        }
    }
}
