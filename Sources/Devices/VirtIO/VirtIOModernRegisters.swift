// The modern interface: four structures in a memory BAR (VIRTIO 1.2, 4.1.4.3 to 4.1.4.6).

/// Offsets in the common configuration structure (VIRTIO 1.2, 4.1.4.3).
enum VirtIOCommonRegister {
    static let deviceFeatureSelect: UInt64 = 0x00
    static let deviceFeature: UInt64 = 0x04
    static let driverFeatureSelect: UInt64 = 0x08
    static let driverFeature: UInt64 = 0x0c
    static let configurationVector: UInt64 = 0x10
    static let queueCount: UInt64 = 0x12
    static let deviceStatus: UInt64 = 0x14
    static let configurationGeneration: UInt64 = 0x15
    static let queueSelect: UInt64 = 0x16
    static let queueSize: UInt64 = 0x18
    static let queueVector: UInt64 = 0x1a
    static let queueEnable: UInt64 = 0x1c
    static let queueNotifyOffset: UInt64 = 0x1e
    /// Low and high halves of the three ring addresses: 0x20 to 0x37.
    static let ringAddresses: Range<UInt64> = 0x20..<0x38
    static let queueReset: UInt64 = 0x3a
}

/// What the modern interface stores for a queue until it is enabled. Existing or not: each number has one.
struct VirtIOQueueRegisters {
    var size: UInt16 = 0
    var isEnabled = false
    /// Descriptor table, available ring, used ring; low half first.
    var addresses: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0, 0, 0)

    subscript(half half: Int) -> UInt32 {
        get {
            switch half {
            case 0: addresses.0
            case 1: addresses.1
            case 2: addresses.2
            case 3: addresses.3
            case 4: addresses.4
            default: addresses.5
            }
        }
        set {
            switch half {
            case 0: addresses.0 = newValue
            case 1: addresses.1 = newValue
            case 2: addresses.2 = newValue
            case 3: addresses.3 = newValue
            case 4: addresses.4 = newValue
            default: addresses.5 = newValue
            }
        }
    }

    func address(_ part: Int) -> UInt64 {
        UInt64(self[half: part * 2]) | UInt64(self[half: part * 2 + 1]) << 32
    }
}

extension VirtIOPCIDevice {
    func readCommon(_ offset: UInt64) -> UInt64 {
        let selected = virtio.selectedQueue
        switch offset {
        case VirtIOCommonRegister.deviceFeatureSelect: return UInt64(deviceFeatureSelect)
        case VirtIOCommonRegister.deviceFeature:
            if deviceFeatureSelect > 1 { return 0 }
            return (virtio.hostFeatures & ~VirtIOFeature.legacyOnly) >> UInt64(32 * deviceFeatureSelect)
        case VirtIOCommonRegister.driverFeatureSelect: return UInt64(driverFeatureSelect)
        case VirtIOCommonRegister.driverFeature:
            return driverFeatureSelect < 2 ? UInt64(driverFeatures[Int(driverFeatureSelect)]) : 0
        case VirtIOCommonRegister.configurationVector: return UInt64(virtio.configurationVector)
        case VirtIOCommonRegister.queueCount: return UInt64(virtio.queues.count)
        case VirtIOCommonRegister.deviceStatus: return UInt64(virtio.status)
        case VirtIOCommonRegister.configurationGeneration: return UInt64(virtio.configurationGeneration)
        case VirtIOCommonRegister.queueSelect: return UInt64(selected)
        case VirtIOCommonRegister.queueSize: return UInt64(virtio.queue(selected)?.size ?? 0)
        case VirtIOCommonRegister.queueVector: return UInt64(virtio.queueVectors[selected])
        case VirtIOCommonRegister.queueEnable: return queueRegisters[selected].isEnabled ? 1 : 0
        case VirtIOCommonRegister.queueNotifyOffset: return UInt64(selected)
        case VirtIOCommonRegister.ringAddresses where offset & 3 == 0:
            return UInt64(queueRegisters[selected][half: Int(offset &- 0x20) / 4])
        default: return 0
        }
    }

    func writeCommon(_ offset: UInt64, _ value: UInt64) {
        let selected = virtio.selectedQueue
        let word = UInt32(truncatingIfNeeded: value)
        switch offset {
        case VirtIOCommonRegister.deviceFeatureSelect: deviceFeatureSelect = word
        case VirtIOCommonRegister.driverFeatureSelect: driverFeatureSelect = word
        case VirtIOCommonRegister.driverFeature: writeDriverFeature(word)
        case VirtIOCommonRegister.configurationVector:
            virtio.configurationVector = replaceVector(virtio.configurationVector, with: value)
        case VirtIOCommonRegister.deviceStatus:
            virtio.setStatus(UInt8(truncatingIfNeeded: value))
            if virtio.status == 0 { resetVirtIO() }
        case VirtIOCommonRegister.queueSelect: virtio.selectQueue(Int(value))
        case VirtIOCommonRegister.queueSize:
            queueRegisters[selected].size = UInt16(truncatingIfNeeded: value)
            virtio.setQueueSize(selected, UInt16(truncatingIfNeeded: value))
        case VirtIOCommonRegister.queueVector:
            virtio.queueVectors[selected] = replaceVector(virtio.queueVectors[selected], with: value)
        case VirtIOCommonRegister.queueEnable: enableQueue(selected, value)
        case VirtIOCommonRegister.ringAddresses where offset & 3 == 0:
            queueRegisters[selected][half: Int(offset &- 0x20) / 4] = word
        case VirtIOCommonRegister.queueReset where value == 1: resetQueue(selected)
        default: break
        }
    }

    private func writeDriverFeature(_ word: UInt32) {
        if driverFeatureSelect > 1 { return }
        driverFeatures[Int(driverFeatureSelect)] = word
        virtio.setFeatures(UInt64(driverFeatures[0]) | UInt64(driverFeatures[1]) << 32)
    }

    private func enableQueue(_ index: Int, _ value: UInt64) {
        if value != 1 {
            virtio.fail(.queueEnableValue(value))
            return
        }
        let registers = queueRegisters[index]
        if registers.size != 0 { virtio.setQueueSize(index, registers.size) }
        virtio.setRings(
            index, descriptors: registers.address(0), available: registers.address(1),
            used: registers.address(2))
        queueRegisters[index].isEnabled = true
    }

    /// Stops one queue (VIRTIO 1.2, 2.6.1). Its registers keep their values.
    private func resetQueue(_ index: Int) {
        virtio.queue(index)?.reset()
        virtio.queueVectors[index] = VirtIOLimits.noVector
        queueRegisters[index].isEnabled = false
    }
}
