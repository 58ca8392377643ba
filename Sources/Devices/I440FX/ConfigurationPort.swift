import Machine

/// Ports 0xcf8 and 0xcfc: configuration mechanism #1 (PCI Local Bus 3.0, 3.2.2.3.2).
package final class ConfigurationPort: Device, MemoryRegionOps {
    private let bus: PCIBus
    private var address: UInt32 = 0
    private enum Tag { static let address = 0, data = 1 }

    init(machine: Machine, bus: PCIBus) {
        self.bus = bus
        super.init(typeName: "i440FX-pcihost")
        let root = machine.io.root
        root.add(.io(name: "pci-conf-idx", owner: self, size: 4, ops: self, tag: Tag.address), at: 0xcf8)
        root.add(.io(name: "pci-conf-data", owner: self, size: 4, ops: self, tag: Tag.data), at: 0xcfc)
    }

    package override func reset() { address = 0 }

    private var isEnabled: Bool { address & 0x8000_0000 != 0 }

    package func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        guard tag == Tag.data else { return UInt64(address) }
        guard isEnabled else { return 0xffff_ffff }
        return UInt64(bus.readConfiguration(address: target(offset), size: size))
    }

    package func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        let word = UInt32(truncatingIfNeeded: value)
        if tag == Tag.address {
            // Only a whole aligned write selects; bytes written here belong to others (0xcf9).
            if offset == 0 && size == 4 { address = word }
        } else if isEnabled {
            bus.writeConfiguration(address: target(offset), size: size, value: word)
        }
    }

    private func target(_ offset: UInt64) -> UInt32 { address | UInt32(offset & 3) }
}
