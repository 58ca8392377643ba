import Machine

/// A virtio driver of the smallest kind, over the modern PCI transport (virtio 1.2, 4.1): what libqos does
/// before a structured fuzzer starts. It talks to the device through its registers only. Owned by a harness.
struct GuestDriver {
    private let machine: Machine
    private let configuration: ConfigurationSpace
    private let function: UInt32
    /// Guest addresses of the structures (4.1.4.3, 4.1.4.4).
    private let common: UInt64
    private let notifications: UInt64
    private let notifyMultiplier: UInt32

    private enum Capability {
        static let vendorSpecific: UInt8 = 0x09
        static let common: UInt8 = 1
        static let notify: UInt8 = 2
    }

    private enum Status {
        static let acknowledge: UInt64 = 1
        static let driver: UInt64 = 2
        static let driverReady: UInt64 = 4
        static let featuresAccepted: UInt64 = 8
    }

    /// Feature bits (6).
    enum Feature {
        static let eventIndex: UInt64 = 1 << 29
        /// Offered by QEMU to catch drivers that accept everything (VIRTIO_F_BAD_FEATURE).
        static let trap: UInt64 = 1 << 30
        static let version1: UInt64 = 1 << 32
    }

    /// Maps the BARs and finds the structures. nil where the device has no modern transport.
    init?(machine: Machine, device: PCIDevice) {
        self.machine = machine
        configuration = ConfigurationSpace(machine: machine)
        function = UInt32(device.deviceFunction)
        var mapper = BARMapper(machine: machine)
        let bars = mapper.map(device)
        var found: [UInt8: (address: UInt64, multiplier: UInt32)] = [:]
        var offset = UInt8(configuration.read(function: function, offset: 0x34, size: 1))
        // A capability list has at most 48 entries; a device that loops is not followed for ever.
        for _ in 0..<48 where offset >= 0x40 {
            let isVendor =
                configuration.read(function: function, offset: offset, size: 1) == Capability.vendorSpecific
            let kind = UInt8(configuration.read(function: function, offset: offset &+ 3, size: 1))
            let bar = Int(configuration.read(function: function, offset: offset &+ 4, size: 1))
            let start = configuration.read(function: function, offset: offset &+ 8, size: 4)
            if isVendor, found[kind] == nil, bar < bars.count, let mapping = bars[bar], !mapping.isPort {
                let multiplier = configuration.read(function: function, offset: offset &+ 16, size: 4)
                found[kind] = (mapping.address + UInt64(start), multiplier)
            }
            offset = UInt8(configuration.read(function: function, offset: offset &+ 1, size: 1))
        }
        guard let common = found[Capability.common], let notify = found[Capability.notify] else { return nil }
        self.common = common.address
        notifications = notify.address
        notifyMultiplier = notify.multiplier
    }

    // MARK: Registers of the common configuration (4.1.4.3)

    private func readCommon(_ offset: UInt64, _ size: Int) -> UInt64 {
        machine.memory.read(address: common + offset, size: size)
    }

    private func writeCommon(_ offset: UInt64, _ size: Int, _ value: UInt64) {
        machine.memory.write(address: common + offset, size: size, value: value)
    }

    private func addStatus(_ bits: UInt64) { writeCommon(0x14, 1, readCommon(0x14, 1) | bits) }

    /// Resets the device and shows it a driver (3.1.1, steps 1 to 3).
    func start() {
        writeCommon(0x14, 1, 0)
        addStatus(Status.acknowledge)
        addStatus(Status.driver)
    }

    var offeredFeatures: UInt64 {
        writeCommon(0x00, 4, 0)
        let low = readCommon(0x04, 4)
        writeCommon(0x00, 4, 1)
        return low | readCommon(0x04, 4) << 32
    }

    /// Steps 4 to 6. The device may refuse; that is for the fuzzer to see.
    func accept(features: UInt64) {
        writeCommon(0x08, 4, 0)
        writeCommon(0x0c, 4, features & 0xffff_ffff)
        writeCommon(0x08, 4, 1)
        writeCommon(0x0c, 4, features >> 32)
        if features & Feature.version1 != 0 { addStatus(Status.featuresAccepted) }
    }

    /// Places queue `index` at `address` and enables it. nil when the device does not have it.
    func setUpQueue(_ index: UInt16, at address: UInt64, features: UInt64) -> GuestQueue? {
        writeCommon(0x16, 2, UInt64(index))
        let size = readCommon(0x18, 2)
        guard size > 0, size & (size - 1) == 0, size <= 1024 else { return nil }
        let notifyOffset = readCommon(0x1e, 2)
        let queue = GuestQueue(
            machine: machine, address: address, size: UInt16(size), index: index,
            notifyAddress: notifications + notifyOffset * UInt64(notifyMultiplier),
            usesEventIndex: features & Feature.eventIndex != 0)
        queue.clear()
        for (register, value) in [
            (UInt64(0x20), queue.descriptors), (0x28, queue.available), (0x30, queue.used),
        ] {
            writeCommon(register, 4, value & 0xffff_ffff)
            writeCommon(register + 4, 4, value >> 32)
        }
        writeCommon(0x1c, 2, 1)
        return queue
    }

    func setDriverReady() { addStatus(Status.driverReady) }
}
