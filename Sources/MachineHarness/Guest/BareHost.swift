import Machine

/// The smallest PCI host: configuration mechanism #1 over an empty bus 0, no bridge function of its own. For
/// machines that are to consist of one device under test. Owned by the machine.
package final class BareHost: Device, MemoryRegionOps {
    private enum Tag { static let address = 0, data = 1 }
    package let bus: PCIBus
    private var address: UInt32 = 0

    /// Places the two ports and registers itself.
    package init(machine: Machine, typeName: String = "bare-pcihost") {
        bus = PCIBus(memoryRegion: machine.memory.root, ioRegion: machine.io.root)
        super.init(typeName: typeName)
        let address = MemoryRegion.io(
            name: "pci-conf-idx", owner: self, size: 4, ops: self, tag: Tag.address,
            access: AccessRules(implemented: 4...4))
        let data = MemoryRegion.io(name: "pci-conf-data", owner: self, size: 4, ops: self, tag: Tag.data)
        machine.io.root.add(address, at: 0xcf8)
        machine.io.root.add(data, at: 0xcfc)
        machine.register(self)
    }

    override package init(typeName: String) {
        preconditionFailure("a host needs its machine")
    }

    override public func reset() { address = 0 }

    package func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        guard tag == Tag.data else { return UInt64(address) }
        guard address & 0x8000_0000 != 0 else { return .max }
        return UInt64(bus.readConfiguration(address: address | UInt32(offset & 3), size: size))
    }

    package func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        let value = UInt32(truncatingIfNeeded: value)
        if tag == Tag.address {
            if offset == 0 && size == 4 { address = value }
        } else if address & 0x8000_0000 != 0 {
            bus.writeConfiguration(address: address | UInt32(offset & 3), size: size, value: value)
        }
    }
}
