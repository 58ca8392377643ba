/// Offsets in PCI configuration space (PCI Local Bus 3.0, 6.1).
package enum PCIRegister {
    package static let command = 0x04
    package static let status = 0x06
    package static let firstBAR = 0x10
    package static let romBAR = 0x30
    package static let capabilities = 0x34
    package static let interruptLine = 0x3c
    package static let interruptPin = 0x3d
}

/// Bits of the PCI command register.
package enum PCICommand {
    package static let io: UInt16 = 1
    package static let memory: UInt16 = 2
    package static let busMaster: UInt16 = 4
    package static let interruptDisable: UInt16 = 0x400
}

/// What a PCI function is told at birth.
package struct PCIIdentity: Sendable {
    package var vendor: UInt16
    package var device: UInt16
    package var revision: UInt8 = 0
    /// Class code and subclass, as in register 0x0a.
    package var classCode: UInt16
    package var programmingInterface: UInt8 = 0
    package var subsystemVendor: UInt16 = 0x1af4
    package var subsystem: UInt16 = 0x1100
    /// 0: none, 1: INTA.
    package var interruptPin: UInt8 = 0

    package init(
        vendor: UInt16, device: UInt16, revision: UInt8 = 0, classCode: UInt16,
        programmingInterface: UInt8 = 0,
        subsystemVendor: UInt16 = 0x1af4, subsystem: UInt16 = 0x1100, interruptPin: UInt8 = 0
    ) {
        self.vendor = vendor
        self.device = device
        self.revision = revision
        self.classCode = classCode
        self.programmingInterface = programmingInterface
        self.subsystemVendor = subsystemVendor
        self.subsystem = subsystem
        self.interruptPin = interruptPin
    }
}

/// A base address register and the region behind it.
package struct PCIBAR {
    package enum Kind: Sendable { case io, memory32, memory64 }
    package let kind: Kind
    package let isPrefetchable: Bool
    package let region: MemoryRegion
    /// Where the region is mapped now; nil: nowhere.
    package fileprivate(set) var address: UInt64?
}

/// One PCI function: 256 bytes of configuration space with masks of what a guest may write, BARs that move
/// their regions, a capability list. Subclassed by devices, which override `configurationWritten` to
/// react and `reset` (calling super). Owned by the machine; placed by `PCIBus.add`.
open class PCIDevice: Device {
    package unowned let machine: Machine
    package private(set) var configuration: [UInt8]
    /// What `reset` goes back to: the bytes at the moment the function was placed on its bus.
    private var powerOnConfiguration: [UInt8] = []
    /// Bits that a guest may write.
    package var writeMask: [UInt8]
    /// Bits that a guest clears by writing one.
    package var writeOneToClearMask: [UInt8]
    package private(set) var bars: [PCIBAR?] = Array(repeating: nil, count: 6)
    package let dma: BusMaster
    package private(set) var msix: MSIX?
    /// Set when placed on a bus.
    package fileprivate(set) weak var bus: PCIBus?
    /// Device number * 8 + function.
    package fileprivate(set) var deviceFunction = 0
    private var nextCapability = 0x40
    private var isInterruptAsserted = false
    private var isInterruptOnWire = false

    package init(machine: Machine, typeName: String, identity: PCIIdentity) {
        self.machine = machine
        dma = BusMaster(machine: machine)
        dma.isEnabled = false
        configuration = Array(repeating: 0, count: 256)
        writeMask = Array(repeating: 0, count: 256)
        writeOneToClearMask = Array(repeating: 0, count: 256)
        super.init(typeName: typeName)
        store16(0x00, identity.vendor)
        store16(0x02, identity.device)
        configuration[0x08] = identity.revision
        configuration[0x09] = identity.programmingInterface
        store16(0x0a, identity.classCode)
        store16(0x2c, identity.subsystemVendor)
        store16(0x2e, identity.subsystem)
        configuration[PCIRegister.interruptPin] = identity.interruptPin
        installStandardMasks()
    }

    // Registers every function has: command (I/O, memory, master, parity, SERR, INTx off), cache line
    // size, interrupt line; the latched error bits of status.
    private func installStandardMasks() {
        for offset in 0x40..<0x100 { writeMask[offset] = 0xff }
        writeMask[0x0c] = 0xff
        writeMask[PCIRegister.interruptLine] = 0xff
        writeMask[0x04] = 0x07
        writeMask[0x05] = 0x05
        writeOneToClearMask[0x07] = 0xf9
    }

    // MARK: Building

    /// Gives BAR `index` to `region`, whose size is a power of two (at least 4 for ports, 16 for memory).
    package func addBAR(_ index: Int, kind: PCIBAR.Kind, isPrefetchable: Bool = false, region: MemoryRegion) {
        precondition(bars.indices.contains(index) && region.size & (region.size - 1) == 0)
        bars[index] = PCIBAR(kind: kind, isPrefetchable: isPrefetchable, region: region, address: nil)
        let offset = PCIRegister.firstBAR + index * 4
        configuration[offset] = Self.barTypeBits(kind, isPrefetchable)
        let mask = ~(region.size - 1)
        for byte in 0..<(kind == .memory64 ? 8 : 4) {
            writeMask[offset + byte] = UInt8(truncatingIfNeeded: mask >> UInt64(byte * 8))
        }
    }

    private static func barTypeBits(_ kind: PCIBAR.Kind, _ isPrefetchable: Bool) -> UInt8 {
        switch kind {
        case .io: 1
        case .memory32: isPrefetchable ? 8 : 0
        case .memory64: isPrefetchable ? 0xc : 4
        }
    }

    /// Puts a capability at the head of the list. Its bytes are read-only until the caller opens some in
    /// `writeMask`. Returns its offset. `length` counts the two header bytes.
    @discardableResult
    package func addCapability(id: UInt8, length: Int, at fixedOffset: Int? = nil) -> Int {
        let offset = fixedOffset ?? nextCapability
        precondition(offset >= 0x40 && offset + length <= 256)
        nextCapability = max(nextCapability, (offset + length + 3) & ~3)
        configuration[offset] = id
        configuration[offset + 1] = configuration[PCIRegister.capabilities]
        configuration[PCIRegister.capabilities] = UInt8(offset)
        configuration[PCIRegister.status] |= 0x10
        for byte in offset..<(offset + length) { writeMask[byte] = 0 }
        return offset
    }

    /// Adds the MSI-X capability with table and pending bits inside one memory BAR.
    package func addMSIX(
        vectorCount: Int, bar: Int, barRegion: MemoryRegion, tableOffset: UInt64, pendingOffset: UInt64,
        capabilityOffset: Int? = nil
    ) {
        msix = MSIX(
            device: self, vectorCount: vectorCount, bar: bar, barRegion: barRegion, tableOffset: tableOffset,
            pendingOffset: pendingOffset, capabilityOffset: capabilityOffset)
    }

    /// Sets bytes as the device itself, past the masks. For building and for status bits.
    package func setConfiguration(_ offset: Int, _ value: UInt8) { configuration[offset & 0xff] = value }

    // MARK: Access by the guest

    private var lacksEndCheck: Bool { machine.plantedBugs.contains(.pciConfigurationEnd) }

    /// Reads 1, 2 or 4 bytes; bytes past the end of the space are 0.
    open func readConfiguration(offset: Int, size: Int) -> UInt32 {
        var value: UInt32 = 0
        for position in 0..<size where offset &+ position < 256 || lacksEndCheck {
            value |= UInt32(configuration[offset &+ position]) &<< UInt32(position &* 8)
        }
        return value
    }

    /// Writes 1, 2 or 4 bytes through the masks, then moves BARs and tells the device.
    package func writeConfiguration(offset: Int, size: Int, value: UInt32) {
        for position in 0..<size where offset &+ position < 256 || lacksEndCheck {
            let index = offset &+ position
            let byte = UInt8(truncatingIfNeeded: value &>> UInt32(position &* 8))
            configuration[index] = (configuration[index] & ~writeMask[index]) | (byte & writeMask[index])
            configuration[index] &= ~(byte & writeOneToClearMask[index])
        }
        let last = offset &+ size &- 1
        if offset < 0x34 && last >= PCIRegister.command { updateMappings() }
        if offset <= 0x05 && last >= 0x04 { commandWritten() }
        msix?.configurationWritten()
        configurationWritten(offset: offset, size: size)
    }

    /// For subclasses: the guest wrote [offset, offset+size) and the new bytes are in `configuration`.
    open func configurationWritten(offset: Int, size: Int) {}

    package var command: UInt16 { load16(PCIRegister.command) }

    open override func reset() {
        // Byte by byte: assigning the array would share its storage, and the next write would allocate.
        for index in powerOnConfiguration.indices { configuration[index] = powerOnConfiguration[index] }
        dma.isEnabled = false
        setInterrupt(false)
        msix?.reset()
        updateMappings()
    }

    open override var regions: [MemoryRegion] {
        bars.compactMap { $0?.region }.flatMap { [$0] + $0.subregions }
    }

    // MARK: Interrupts

    /// Drives INTx. The command register's disable bit keeps it off the wire; status bit 3 shows it anyway.
    package func setInterrupt(_ isRaised: Bool) {
        isInterruptAsserted = isRaised
        updateInterrupt()
    }

    private func updateInterrupt() {
        if isInterruptAsserted { configuration[0x06] |= 8 } else { configuration[0x06] &= ~8 }
        let onWire = isInterruptAsserted && command & PCICommand.interruptDisable == 0
        guard onWire != isInterruptOnWire else { return }
        isInterruptOnWire = onWire
        let pin = Int(configuration[PCIRegister.interruptPin])
        guard pin >= 1 else { return }
        bus?.setPin(deviceFunction: deviceFunction, pin: pin - 1, isRaised: onWire)
    }

    private func commandWritten() {
        dma.isEnabled = command & PCICommand.busMaster != 0
        updateInterrupt()
    }

    // MARK: Mapping

    /// Where BAR `index` decodes now. An address of 0 or one whose end reaches the top means "not mapped".
    private func decodedAddress(_ index: Int, _ bar: PCIBAR) -> UInt64? {
        let offset = PCIRegister.firstBAR + index * 4
        let needed = bar.kind == .io ? PCICommand.io : PCICommand.memory
        guard command & needed != 0 else { return nil }
        var raw = UInt64(readConfiguration(offset: offset, size: 4))
        if bar.kind == .memory64 { raw |= UInt64(readConfiguration(offset: offset + 4, size: 4)) << 32 }
        let first = raw & ~(bar.region.size - 1)
        let last = first &+ (bar.region.size - 1)
        guard last > first, first != 0, last != .max else { return nil }
        if bar.kind != .memory64 && last >= UInt64(UInt32.max) { return nil }
        return first
    }

    private func updateMappings() {
        for index in bars.indices {
            guard let bar = bars[index] else { continue }
            let address = decodedAddress(index, bar)
            guard address != bar.address else { continue }
            bars[index]?.address = address
            bar.region.container?.remove(bar.region)
            guard let address, let bus else { continue }
            let space = bar.kind == .io ? bus.ioRegion : bus.memoryRegion
            space.add(bar.region, at: address, priority: 1)
        }
    }

    package func load16(_ offset: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: readConfiguration(offset: offset, size: 2))
    }

    package func store16(_ offset: Int, _ value: UInt16) {
        configuration[offset & 0xff] = UInt8(truncatingIfNeeded: value)
        configuration[(offset &+ 1) & 0xff] = UInt8(truncatingIfNeeded: value >> 8)
    }

    fileprivate func attach(to bus: PCIBus, deviceFunction: Int) {
        self.bus = bus
        self.deviceFunction = deviceFunction
        powerOnConfiguration = configuration
    }
}

/// The functions of one bus and the two containers their BARs appear in. Owned by the host bridge.
package final class PCIBus {
    package let memoryRegion: MemoryRegion
    package let ioRegion: MemoryRegion
    /// By device number * 8 + function.
    package private(set) var functions: [PCIDevice?] = Array(repeating: nil, count: 256)
    /// Where an INTx pin ends: set by the bridge that routes PIRQs.
    package var pinHandler: ((_ deviceFunction: Int, _ pin: Int, _ isRaised: Bool) -> Void)?

    package init(memoryRegion: MemoryRegion, ioRegion: MemoryRegion) {
        self.memoryRegion = memoryRegion
        self.ioRegion = ioRegion
    }

    /// Places `device` and registers it with its machine for reset.
    package func add(_ device: PCIDevice, slot: Int, function: Int = 0) {
        let number = slot * 8 + function
        precondition(functions.indices.contains(number) && functions[number] == nil, "PCI slot is taken")
        functions[number] = device
        device.attach(to: self, deviceFunction: number)
        device.machine.register(device)
    }

    /// Configuration mechanism #1's address (without the enable bit) to a function: bus 0 only.
    package func function(forAddress address: UInt32) -> PCIDevice? {
        guard (address >> 16) & 0xff == 0 else { return nil }
        return functions[Int((address >> 8) & 0xff)]
    }

    /// All ones where nobody lives or past the end.
    package func readConfiguration(address: UInt32, size: Int) -> UInt32 {
        let ones = size >= 4 ? UInt32.max : (UInt32(1) << UInt32(size * 8)) - 1
        guard let function = function(forAddress: address) else { return ones }
        onConfigurationAccess?(function, Int(address & 0xff), size, false)
        return function.readConfiguration(offset: Int(address & 0xff), size: size)
    }

    package func writeConfiguration(address: UInt32, size: Int, value: UInt32) {
        guard let function = function(forAddress: address) else { return }
        onConfigurationAccess?(function, Int(address & 0xff), size, true)
        function.writeConfiguration(offset: Int(address & 0xff), size: size, value: value)
    }

    func setPin(deviceFunction: Int, pin: Int, isRaised: Bool) { pinHandler?(deviceFunction, pin, isRaised) }
}
