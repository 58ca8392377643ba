// Numbers that VIRTIO 1.2 fixes. Only what the block device and the PCI transport use.

/// Feature bits that do not belong to one device type (VIRTIO 1.2, chapter 6; bits 24, 27 and 30 are legacy).
package enum VirtIOFeature {
    package static let notifyOnEmpty: UInt64 = 1 << 24
    package static let anyLayout: UInt64 = 1 << 27
    package static let indirectDescriptors: UInt64 = 1 << 28
    package static let eventIndex: UInt64 = 1 << 29
    package static let badFeature: UInt64 = 1 << 30
    package static let version1: UInt64 = 1 << 32
    package static let ringReset: UInt64 = 1 << 40

    /// Bits that exist in the legacy interface only and are hidden from the modern one.
    package static let legacyOnly = notifyOnEmpty | anyLayout | badFeature | VirtIOBlockFeature.scsi
}

/// Feature bits of the block device (VIRTIO 1.2, 5.2.3; bit 7 is legacy).
package enum VirtIOBlockFeature {
    package static let segmentMaximum: UInt64 = 1 << 2
    package static let geometry: UInt64 = 1 << 4
    package static let blockSize: UInt64 = 1 << 6
    package static let scsi: UInt64 = 1 << 7
    package static let flush: UInt64 = 1 << 9
    package static let topology: UInt64 = 1 << 10
    package static let configurableWriteback: UInt64 = 1 << 11
    package static let multiQueue: UInt64 = 1 << 12
    package static let discard: UInt64 = 1 << 13
    package static let writeZeroes: UInt64 = 1 << 14
}

/// Bits of the device status field (VIRTIO 1.2, 2.1).
package enum VirtIOStatus {
    package static let acknowledge: UInt8 = 0x01
    package static let driver: UInt8 = 0x02
    package static let driverOK: UInt8 = 0x04
    package static let featuresOK: UInt8 = 0x08
    package static let needsReset: UInt8 = 0x40
    package static let failed: UInt8 = 0x80
}

/// Bits of the ISR status field (VIRTIO 1.2, 4.1.4.5).
package enum VirtIOInterruptStatus {
    package static let queue: UInt8 = 0x01
    package static let configuration: UInt8 = 0x02
}

/// Flags and sizes of the split virtqueue (VIRTIO 1.2, 2.7).
package enum VirtIORing {
    package static let descriptorByteCount = 16
    package static let flagNext: UInt16 = 1
    package static let flagWrite: UInt16 = 2
    package static let flagIndirect: UInt16 = 4
    package static let availableNoInterrupt: UInt16 = 1
    package static let usedNoNotify: UInt16 = 1
    /// The legacy layout puts the used ring on the next page boundary (VIRTIO 1.2, 2.7.2).
    package static let legacyAlignment: UInt64 = 4096
}

/// Bounds that the transport and the queues keep, whatever the driver says.
package enum VirtIOLimits {
    /// Selectable queues. The reference has the same number; a notify register is four bytes, so that
    /// this many fill exactly one page.
    package static let queueCount = 1024
    /// Largest queue and longest buffer list of one request.
    package static let queueSizeMaximum = 1024
    /// Requests that one notification may start: a driver that rewrites its own ring through the
    /// device's DMA would otherwise keep the device busy for ever.
    package static let requestsPerNotification = 1024
    /// Bytes that one notification may move between disk and memory, for the same reason.
    package static let bytesPerNotification = 64 << 20
    /// Longest buffer outside of RAM; the reference bounces such a buffer through one page.
    package static let bounceByteCount: UInt64 = 4096
    /// The vector number that says "no interrupt" (VIRTIO 1.2, 4.1.4.3).
    package static let noVector: UInt16 = 0xffff
}
