import Machine

/// A virtio device behind PCI, transitional: the legacy interface in an I/O BAR, the modern one in a memory
/// BAR that vendor capabilities describe, MSI-X in a third (VIRTIO 1.2, 4.1). The layout is the one that
/// the reference gives `virtio-blk-pci` on `-M pc`.
package class VirtIOPCIDevice: PCIDevice, MemoryRegionOps {
    /// Which structure an access reaches: the tag of its region.
    private enum Structure {
        static let legacy = 0, common = 1, interrupt = 2, device = 3, notify = 4, bar = 5
    }

    package let virtio: VirtIODevice
    var deviceFeatureSelect: UInt32 = 0
    var driverFeatureSelect: UInt32 = 0
    var driverFeatures: [UInt32] = [0, 0]
    var queueRegisters = [VirtIOQueueRegisters](
        repeating: VirtIOQueueRegisters(), count: VirtIOLimits.queueCount)
    private let modernBAR: MemoryRegion
    /// Registers that name each vector.
    private var vectorUseCounts = [Int](repeating: 0, count: VirtIOPCIDevice.vectorCount)
    private var windowCapability = 0
    private var isEnablingBusMaster = false

    private static let vectorCount = 2
    private static let structureByteCount: UInt64 = 0x1000

    package init(
        machine: Machine, typeName: String, deviceID: UInt16, classCode: UInt16, subsystem: UInt16,
        backend: any VirtIOBackend, queueSizes: [UInt16]
    ) {
        modernBAR = .container(name: "virtio-pci", ownerName: typeName, size: Self.structureByteCount * 4)
        let adapter = BusMasterMemory(machine: machine)
        virtio = VirtIODevice(
            backend: backend, memory: adapter, queueSizes: queueSizes, bugs: machine.plantedBugs)
        super.init(
            machine: machine, typeName: typeName,
            identity: PCIIdentity(
                vendor: 0x1af4, device: deviceID, classCode: classCode, subsystem: subsystem, interruptPin: 1)
        )
        adapter.busMaster = dma
        virtio.interrupt = { [unowned self] vector in self.deliverInterrupt(vector) }
        addLegacyBAR(configurationByteCount: backend.configurationByteCount)
        addModernBAR()
        let msixBAR = MemoryRegion.container(name: "\(typeName)-msix", ownerName: typeName, size: 0x1000)
        addMSIX(
            vectorCount: Self.vectorCount, bar: 1, barRegion: msixBAR, tableOffset: 0, pendingOffset: 0x800,
            capabilityOffset: 0x98)
        addBAR(1, kind: .memory32, region: msixBAR)
    }

    // MARK: Building

    private func region(_ name: String, size: UInt64, structure: Int) -> MemoryRegion {
        // Registers are not reached by the device's own transfers: an access that arrives while the device is
        // at work is dropped. This is the check that `blockResetInFlight` leaves out.
        MemoryRegion(
            name: name, ownerName: typeName, size: size, kind: .io(self), tag: structure,
            guardian: machine.plantedBugs.contains(.blockResetInFlight) ? nil : reentrancyGuard)
    }

    private func addLegacyBAR(configurationByteCount: Int) {
        let needed = Int(VirtIOLegacyRegister.configurationAfterVectors) + configurationByteCount
        var size = 32
        while size < needed { size *= 2 }
        addBAR(0, kind: .io, region: region("virtio-pci", size: UInt64(size), structure: Structure.legacy))
    }

    private func addModernBAR() {
        let names = [
            (Structure.common, "common", UInt8(1)), (Structure.interrupt, "isr", 3),
            (Structure.device, "device", 4), (Structure.notify, "notify", 2),
        ]
        for (position, (structure, name, type)) in names.enumerated() {
            let offset = Self.structureByteCount * UInt64(position)
            modernBAR.add(
                region("virtio-pci-\(name)-virtio-blk", size: Self.structureByteCount, structure: structure),
                at: offset)
            addStructureCapability(type: type, offset: offset)
        }
        addBAR(4, kind: .memory64, isPrefetchable: true, region: modernBAR)
        addWindowCapability()
    }

    /// A vendor capability that says where one structure is (VIRTIO 1.2, 4.1.4).
    private func addStructureCapability(type: UInt8, offset: UInt64) {
        let isNotify = type == 2
        let at = addCapability(id: 0x09, length: isNotify ? 20 : 16)
        setConfiguration(at + 2, isNotify ? 20 : 16)
        setConfiguration(at + 3, type)
        setConfiguration(at + 4, 4)
        setConfiguration32(at + 8, UInt32(truncatingIfNeeded: offset))
        setConfiguration32(at + 12, UInt32(Self.structureByteCount))
        // Bytes from one queue's notify register to the next (VIRTIO 1.2, 4.1.4.4).
        if isNotify { setConfiguration32(at + 16, 4) }
    }

    /// The window through which firmware without memory access reaches the structures (VIRTIO 1.2, 4.1.4.9).
    private func addWindowCapability() {
        windowCapability = addCapability(id: 0x09, length: 20)
        setConfiguration(windowCapability + 2, 20)
        setConfiguration(windowCapability + 3, 5)
        for offset in [4] + Array(8..<20) { writeMask[windowCapability + offset] = 0xff }
    }

    private func setConfiguration32(_ offset: Int, _ value: UInt32) {
        for index in 0..<4 {
            setConfiguration(offset + index, UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }

    // MARK: Registers

    package func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        switch tag {
        case Structure.legacy: readLegacy(offset, size)
        case Structure.common: readCommon(offset)
        case Structure.interrupt: takeInterruptStatus()
        case Structure.device: virtio.readConfiguration(offset: Int(offset), size: size)
        default: 0
        }
    }

    package func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        switch tag {
        case Structure.legacy: writeLegacy(offset, size, value)
        case Structure.common: writeCommon(offset, value)
        case Structure.device: virtio.writeConfiguration(offset: Int(offset), size: size, value: value)
        case Structure.notify: virtio.notifyQueue(Int(offset / 4))
        default: break
        }
    }

    /// Reading the interrupt status clears it and lowers INTx (VIRTIO 1.2, 4.1.4.5.1).
    func takeInterruptStatus() -> UInt64 {
        let status = virtio.interruptStatus
        virtio.interruptStatus = 0
        setInterrupt(false)
        return UInt64(status)
    }

    /// Puts `value` in place of a vector register: a vector the device has, or "none", by which the driver
    /// sees that it asked for too much. A vector that nobody uses any more loses its pending message.
    func replaceVector(_ old: UInt16, with value: UInt64) -> UInt16 {
        if old < UInt16(Self.vectorCount) {
            let vector = Int(old)
            vectorUseCounts[vector] = max(0, vectorUseCounts[vector] - 1)
            if vectorUseCounts[vector] == 0 { msix?.clearPending(vector: vector) }
        }
        guard value < UInt64(Self.vectorCount) else { return VirtIOLimits.noVector }
        vectorUseCounts[Int(value)] += 1
        return UInt16(value)
    }

    private func deliverInterrupt(_ vector: UInt16) {
        if let msix, msix.isEnabled {
            if vector != VirtIOLimits.noVector { msix.notify(vector: Int(vector)) }
        } else {
            setInterrupt(virtio.interruptStatus & VirtIOInterruptStatus.queue != 0)
        }
    }

    // MARK: Reset and configuration space

    /// A reset by the driver: the virtio state, not PCI's.
    func resetVirtIO() {
        virtio.reset()
        for vector in 0..<Self.vectorCount {
            vectorUseCounts[vector] = 0
            msix?.clearPending(vector: vector)
        }
        for index in queueRegisters.indices { queueRegisters[index] = VirtIOQueueRegisters() }
    }

    override public func reset() {
        super.reset()
        resetVirtIO()
        virtio.forgetConfiguration()
        virtio.configurationGeneration = 0
        if !machine.plantedBugs.contains(.resetFeatureSelect) { deviceFeatureSelect = 0 }
        driverFeatureSelect = 0
        driverFeatures = [0, 0]
        for index in [4] + Array(8..<20) { setConfiguration(windowCapability + index, 0) }
    }

    func enableBusMaster() {
        isEnablingBusMaster = true
        writeConfiguration(offset: 4, size: 1, value: UInt32(configuration[4]) | UInt32(PCICommand.busMaster))
        isEnablingBusMaster = false
    }

    override public func configurationWritten(offset: Int, size: Int) {
        if isEnablingBusMaster { return }
        if offset <= PCIRegister.command && offset + size > PCIRegister.command {
            if command & PCICommand.busMaster == 0 {
                virtio.isDisabled = true
                virtio.setStatus(virtio.status & ~VirtIOStatus.driverOK)
            } else {
                virtio.isDisabled = false
            }
        }
        if touchesWindow(offset, size), let (region, at, length) = windowTarget() {
            var isAccepted = true
            let value = UInt64(super.readConfiguration(offset: windowCapability + 16, size: length))
            region.dispatchWrite(offset: at, size: length, value: value, isAccepted: &isAccepted)
        }
    }

    override public func readConfiguration(offset: Int, size: Int) -> UInt32 {
        if touchesWindow(offset, size), let (region, at, length) = windowTarget() {
            var isAccepted = true
            let value = region.dispatchRead(offset: at, size: length, isAccepted: &isAccepted)
            for index in 0..<length {
                setConfiguration(
                    windowCapability + 16 + index, UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
            }
        }
        return super.readConfiguration(offset: offset, size: size)
    }

    private func touchesWindow(_ offset: Int, _ size: Int) -> Bool {
        let data = windowCapability + 16
        return windowCapability != 0 && offset < data + 4 && offset + size > data
    }

    /// Where the window points: 1, 2 or 4 bytes of one structure. The reference looks at the offset only.
    private func windowTarget() -> (region: MemoryRegion, offset: UInt64, length: Int)? {
        let length = super.readConfiguration(offset: windowCapability + 12, size: 4)
        guard length == 1 || length == 2 || length == 4 else { return nil }
        let offset = UInt64(super.readConfiguration(offset: windowCapability + 8, size: 4) & ~(length - 1))
        for region in modernBAR.subregions
        where offset >= region.offset && offset + UInt64(length) <= region.offset + region.size {
            return (region, offset - region.offset, Int(length))
        }
        return nil
    }
}

/// The machine's bus mastering as `GuestMemory`.
private final class BusMasterMemory: GuestMemory {
    private unowned let machine: Machine
    var busMaster: BusMaster?

    init(machine: Machine) { self.machine = machine }

    func read(_ address: UInt64, into buffer: UnsafeMutableRawBufferPointer) {
        busMaster?.read(address: address, into: buffer)
    }

    func write(_ address: UInt64, from buffer: UnsafeRawBufferPointer) {
        busMaster?.write(address: address, from: buffer)
    }

    func contiguousRAM(at address: UInt64, length: UInt64) -> UInt64 {
        machine.memory.contiguousRAM(at: address, length: length)
    }
}
