import Machine

/// What a driver did wrong. The device stops using its queues and, once VIRTIO_F_VERSION_1 is
/// negotiated, says DEVICE_NEEDS_RESET (VIRTIO 1.2, 2.1.2). A value, never a trap.
package enum VirtQueueError: Error, Equatable {
    case queueSizeExceeded
    case headOutOfRange(UInt16)
    case ringNotMapped
    case indirectTableSize(UInt32)
    case indirectTableNotMapped
    case descriptorOrder
    case zeroSizedBuffer
    case tooManySegments
    case bufferNotMapped(UInt64)
    case loop
    case nextOutOfRange(UInt16)
    case requestBudget
    case queueEnableValue(UInt64)
    case request(BlockRequestError)
}

/// One buffer of a request in guest memory.
package struct VirtQueueSegment: Equatable {
    package var address: UInt64
    package var byteCount: UInt32

    package init(address: UInt64, byteCount: UInt32) {
        self.address = address
        self.byteCount = byteCount
    }
}

/// One descriptor as it stands in guest memory (VIRTIO 1.2, 2.7.5).
struct VirtQueueDescriptor {
    var address: UInt64 = 0
    var byteCount: UInt32 = 0
    var flags: UInt16 = 0
    var next: UInt16 = 0
}

/// A request taken from the available ring: the buffers the device reads, then those it writes.
package struct VirtQueueElement: Equatable {
    package var head: UInt16
    package var readable: [VirtQueueSegment]
    package var writable: [VirtQueueSegment]
}

/// A split virtqueue: where the driver put its three parts, and how far the device got.
///
/// Owned by one `VirtIODevice`. A class, because processing a request can re-enter the device through its
/// own DMA, and exclusive access to a field must then end before the access to guest memory starts.
package final class VirtQueue {
    package let defaultSize: UInt16
    package internal(set) var size: UInt16
    package internal(set) var descriptorTable: UInt64 = 0
    package internal(set) var availableRing: UInt64 = 0
    package internal(set) var usedRing: UInt64 = 0

    /// Next entry of the available ring to take; free-running.
    package internal(set) var lastAvailable: UInt16 = 0
    /// The available index when it was last read, so that an index that did not move is not read again.
    var shadowAvailable: UInt16 = 0
    /// Next entry of the used ring to fill; free-running.
    package internal(set) var usedIndex: UInt16 = 0
    /// Requests taken and not yet returned; never more than `size`.
    package internal(set) var inFlight = 0

    /// The used index at the last decision about an interrupt, if there was one (VIRTIO 1.2, 2.7.10).
    var signalledUsed: UInt16?
    /// Room for the pieces of one request, made once so that taking a request does not grow it.
    var pieces = [VirtQueueSegment](
        repeating: VirtQueueSegment(address: 0, byteCount: 0), count: VirtIOLimits.queueSizeMaximum)
    /// Of those, what any request has used since the last reset.
    var usedPieceCount = 0
    /// Whether the device wants to be notified about new requests at the moment.
    var wantsNotification = true

    init(defaultSize: UInt16) {
        self.defaultSize = defaultSize
        self.size = defaultSize
    }

    func reset() {
        size = defaultSize
        setRings(descriptors: 0, available: 0, used: 0)
        lastAvailable = 0
        shadowAvailable = 0
        usedIndex = 0
        inFlight = 0
        signalledUsed = nil
        wantsNotification = true
        for index in 0..<min(usedPieceCount, pieces.count) { pieces[index] = VirtQueueSegment(address: 0, byteCount: 0) }
        usedPieceCount = 0
    }

    func setRings(descriptors: UInt64, available: UInt64, used: UInt64) {
        descriptorTable = descriptors
        availableRing = available
        usedRing = used
    }

    /// The legacy interface gives one address; the layout follows from the size (VIRTIO 1.2, 2.7.2).
    func setLegacyAddress(_ address: UInt64) {
        let available = address &+ UInt64(size) * UInt64(VirtIORing.descriptorByteCount)
        let end = available &+ 4 &+ UInt64(size) * 2
        let alignment = VirtIORing.legacyAlignment
        setRings(
            descriptors: address, available: available,
            used: (end &+ alignment &- 1) & ~(alignment &- 1))
    }

    /// Whether each part of the ring is RAM from end to end, or not RAM at all. A part that begins in RAM
    /// and ends outside of it is an error, as in the reference.
    func ringsAreMapped(in memory: any GuestMemory, hasEventIndex: Bool) -> Bool {
        let event: UInt64 = hasEventIndex ? 2 : 0
        let parts = [
            (descriptorTable, UInt64(size) * UInt64(VirtIORing.descriptorByteCount)),
            (availableRing, 4 + UInt64(size) * 2 + event),
            (usedRing, 4 + UInt64(size) * 8 + event),
        ]
        for (address, length) in parts {
            let mapped = memory.contiguousRAM(at: address, length: length)
            if mapped != 0 && mapped != length { return false }
        }
        return true
    }
}
