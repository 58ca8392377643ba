// The legacy interface: registers in an I/O BAR (VIRTIO 1.2, 4.1.4.10).

/// Offsets in the legacy BAR.
enum VirtIOLegacyRegister {
    static let hostFeatures: UInt64 = 0
    static let guestFeatures: UInt64 = 4
    static let queueAddress: UInt64 = 8
    static let queueSize: UInt64 = 12
    static let queueSelect: UInt64 = 14
    static let queueNotify: UInt64 = 16
    static let deviceStatus: UInt64 = 18
    static let interruptStatus: UInt64 = 19
    static let configurationVector: UInt64 = 20
    static let queueVector: UInt64 = 22
    /// First byte of the device configuration without and with MSI-X.
    static let configuration: UInt64 = 20
    static let configurationAfterVectors: UInt64 = 24
}

extension VirtIOPCIDevice {
    private var legacyConfigurationOffset: UInt64 {
        msix?.isEnabled == true
            ? VirtIOLegacyRegister.configurationAfterVectors : VirtIOLegacyRegister.configuration
    }

    func readLegacy(_ offset: UInt64, _ size: Int) -> UInt64 {
        let base = legacyConfigurationOffset
        if offset >= base {
            return virtio.readConfiguration(offset: Int(offset &- base), size: size)
        }
        switch offset {
        case VirtIOLegacyRegister.hostFeatures: return virtio.hostFeatures
        case VirtIOLegacyRegister.guestFeatures: return virtio.negotiatedFeatures
        case VirtIOLegacyRegister.queueAddress:
            return (virtio.queue(virtio.selectedQueue)?.descriptorTable ?? 0) >> 12
        case VirtIOLegacyRegister.queueSize:
            return UInt64(virtio.queue(virtio.selectedQueue)?.size ?? 0)
        case VirtIOLegacyRegister.queueSelect: return UInt64(virtio.selectedQueue)
        case VirtIOLegacyRegister.deviceStatus: return UInt64(virtio.status)
        case VirtIOLegacyRegister.interruptStatus: return takeInterruptStatus()
        case VirtIOLegacyRegister.configurationVector: return UInt64(virtio.configurationVector)
        case VirtIOLegacyRegister.queueVector: return UInt64(virtio.queueVectors[virtio.selectedQueue])
        default: return UInt64(UInt32.max)
        }
    }

    func writeLegacy(_ offset: UInt64, _ size: Int, _ value: UInt64) {
        let base = legacyConfigurationOffset
        if offset >= base {
            virtio.writeConfiguration(offset: Int(offset &- base), size: size, value: value)
            return
        }
        switch offset {
        case VirtIOLegacyRegister.guestFeatures:
            // A driver that accepts the trap bit does not negotiate; it gets the features of 2007: none.
            virtio.setFeatures(value & VirtIOFeature.badFeature != 0 ? 0 : value)
        case VirtIOLegacyRegister.queueAddress:
            if value == 0 {
                resetVirtIO()
            } else {
                virtio.setLegacyAddress(virtio.selectedQueue, value << 12)
            }
        case VirtIOLegacyRegister.queueSelect: virtio.selectQueue(Int(value))
        case VirtIOLegacyRegister.queueNotify: virtio.notifyQueue(Int(value))
        case VirtIOLegacyRegister.deviceStatus: writeLegacyStatus(UInt8(truncatingIfNeeded: value), value)
        case VirtIOLegacyRegister.configurationVector:
            virtio.configurationVector = replaceVector(virtio.configurationVector, with: value)
        case VirtIOLegacyRegister.queueVector:
            virtio.queueVectors[virtio.selectedQueue] = replaceVector(
                virtio.queueVectors[virtio.selectedQueue], with: value)
        default: break
        }
    }

    private func writeLegacyStatus(_ status: UInt8, _ value: UInt64) {
        virtio.setStatus(status)
        if status == 0 { resetVirtIO() }
        // Drivers of the legacy interface may forget bus mastering; the reference switches it on for them.
        if value == UInt64(VirtIOStatus.acknowledge | VirtIOStatus.driver) { enableBusMaster() }
    }
}
