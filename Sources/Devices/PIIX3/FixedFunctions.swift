import Machine

/// The PIIX3's IDE and power-management functions, as far as configuration space shows them: QEMU's `pc`
/// always has both. Their registers are not modelled (docs/qemu-differences.md).
package final class IDEFunction: PCIDevice {
    package init(machine: Machine, bus: PCIBus) {
        super.init(
            machine: machine, typeName: "piix3-ide",
            identity: PCIIdentity(
                vendor: 0x8086, device: 0x7010, classCode: 0x0101, programmingInterface: 0x80))
        addBAR(4, kind: .io, region: .container(name: "piix-bmdma-container", ownerName: typeName, size: 16))
        setConfiguration(0x06, 0x80)
        setConfiguration(0x07, 0x02)
        bus.add(self, slot: 1, function: 1)
    }
}

package final class PowerManagementFunction: PCIDevice {
    package init(machine: Machine, bus: PCIBus) {
        super.init(
            machine: machine, typeName: "PIIX4_PM",
            identity: PCIIdentity(
                vendor: 0x8086, device: 0x7113, revision: 3, classCode: 0x0680, interruptPin: 1))
        setConfiguration(0x06, 0x80)
        setConfiguration(0x07, 0x02)
        let values: [(Int, UInt8)] = [
            (0x40, 0x01), (0x5f, 0x10), (0x63, 0x60), (0x67, 0x08), (0x90, 0x01), (0x91, 0xb1), (0xd2, 0x09),
        ]
        for (offset, value) in values { setConfiguration(offset, value) }
        bus.add(self, slot: 1, function: 3)
    }
}
