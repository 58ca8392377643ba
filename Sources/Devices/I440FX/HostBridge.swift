import Machine

/// The i440FX host bridge (82441FX data sheet): PCI configuration mechanism #1, the PAM registers that switch
/// 0xc0000 to 0xfffff between RAM and PCI, and SMRAM's open bit. As in QEMU's `pc`, two ROMs lie in PCI memory:
/// one for options at 0xc0000 and the firmware at the top of 4 GiB, seen below 1 MiB too. Both hold zeros.
package final class HostBridge: PCIDevice {
    package let busZero: PCIBus
    private let port: ConfigurationPort
    private static let optionROMBytes = 0x20000
    private static let firmwareBytes = 0x10000
    /// Shared by both ROMs, which nobody can write. Lives as long as the bridge.
    private let romContents: UnsafeMutableRawBufferPointer
    /// For each of 13 segments the aliases for PAM values 1 (read-only RAM) and 2 or 3 (RAM).
    private var readOnlyAliases: [MemoryRegion] = []
    private var writableAliases: [MemoryRegion] = []
    private let videoWindow: MemoryRegion

    package init(machine: Machine) {
        let pci = MemoryRegion.container(name: "pci", ownerName: "i440FX-pcihost", size: .max)
        machine.memory.root.add(pci, at: 0, priority: -1)
        busZero = PCIBus(memoryRegion: pci, ioRegion: machine.io.root)
        port = ConfigurationPort(machine: machine, bus: busZero)
        videoWindow = .alias(
            name: "smram-region", ownerName: "i440FX", of: pci, targetOffset: 0xa0000, size: 0x20000)
        romContents = .allocate(byteCount: Self.optionROMBytes, alignment: 4096)
        romContents.initializeMemory(as: UInt8.self, repeating: 0)
        super.init(
            machine: machine, typeName: "i440FX",
            identity: PCIIdentity(vendor: 0x8086, device: 0x1237, revision: 2, classCode: 0x0600))
        machine.register(port)
        addMemory(pci: pci)
        addROMs(pci: pci)
        setConfiguration(0x57, 0x10)
        setConfiguration(0x72, 0x02)
        busZero.add(self, slot: 0)
        updateMemory()
    }

    deinit { romContents.deallocate() }

    package override func reset() {
        super.reset()
        updateMemory()
    }

    private func addROMs(pci: MemoryRegion) {
        let options = MemoryRegion(
            name: "pc.rom", size: UInt64(Self.optionROMBytes), kind: .ram(romContents), isReadOnly: true)
        let firmware = MemoryRegion(
            name: "pc.bios", size: UInt64(Self.firmwareBytes),
            kind: .ram(UnsafeMutableRawBufferPointer(rebasing: romContents[..<Self.firmwareBytes])),
            isReadOnly: true)
        let lowFirmware = MemoryRegion.alias(
            name: "isa-bios", of: firmware, targetOffset: 0, size: UInt64(Self.firmwareBytes),
            isReadOnly: true)
        pci.add(options, at: 0xc0000, priority: 1)
        pci.add(lowFirmware, at: 0x100000 - UInt64(Self.firmwareBytes), priority: 1)
        pci.add(firmware, at: 0x1_0000_0000 - UInt64(Self.firmwareBytes))
    }

    /// Guest RAM below 4 GiB. With 3.5 GiB or more it ends at 3 GiB and goes on at 4 GiB; between them is the hole for devices
    /// (QEMU: hw/i386/pc_piix.c, `pc_init1`).
    static func lowRAMBytes(of ramBytes: UInt64) -> UInt64 { ramBytes >= 0xe000_0000 ? 0xc000_0000 : ramBytes }

    private func addMemory(pci: MemoryRegion) {
        let system = machine.memory.root
        let total = machine.ramRegion.size
        let low = Self.lowRAMBytes(of: total)
        let lowRAM = MemoryRegion.alias(
            name: "ram-below-4g", of: machine.ramRegion, targetOffset: 0, size: low)
        system.add(lowRAM, at: 0)
        if total > low {
            let high = MemoryRegion.alias(
                name: "ram-above-4g", of: machine.ramRegion, targetOffset: low, size: total - low)
            system.add(high, at: 0x1_0000_0000)
        }
        system.add(videoWindow, at: 0xa0000, priority: 1)
        for segment in 0..<13 {
            let (start, size) = Self.extent(segment)
            let closed = MemoryRegion.alias(
                name: "pam-pci", ownerName: "i440FX", of: pci, targetOffset: start, size: size)
            let readOnly = MemoryRegion.alias(
                name: "pam-rom", ownerName: "i440FX", of: machine.ramRegion, targetOffset: start, size: size,
                isReadOnly: true)
            let writable = MemoryRegion.alias(
                name: "pam-ram", ownerName: "i440FX", of: machine.ramRegion, targetOffset: start, size: size)
            system.add(closed, at: start, priority: 1)
            system.add(readOnly, at: start, priority: 2)
            system.add(writable, at: start, priority: 2)
            readOnlyAliases.append(readOnly)
            writableAliases.append(writable)
        }
    }

    /// Segment 0 is the BIOS area of 64 KiB, the others are 16 KiB each from 0xc0000 on.
    private static func extent(_ segment: Int) -> (start: UInt64, size: UInt64) {
        segment == 0 ? (0xf0000, 0x10000) : (0xc0000 + UInt64(segment - 1) * 0x4000, 0x4000)
    }

    private func updateMemory() {
        for segment in 0..<13 {
            let register = configuration[0x59 + (segment + 1) / 2]
            // Odd segments sit in the low nibble, even ones and the BIOS in the high one.
            let mode = (segment & 1 == 1 ? register : register >> 4) & 3
            readOnlyAliases[segment].setEnabled(mode == 1)
            // "Write only" is all of RAM in QEMU: it does not tell the directions apart.
            writableAliases[segment].setEnabled(mode >= 2)
        }
        videoWindow.setEnabled(configuration[0x72] & 0x40 == 0)
    }

    package override func configurationWritten(offset: Int, size: Int) {
        if offset < 0x60 && offset + size > 0x59 || offset <= 0x72 && offset + size > 0x72 { updateMemory() }
    }
}
