import Machine

// Following a descriptor chain (VIRTIO 1.2, 2.7.5). Every bound the driver could exceed is checked here, and
// each failure is the same one that the reference reports.

extension VirtQueue {
    /// Takes the next request, nil if there is none.
    ///
    /// Processing is bounded: a chain has at most `size` buffers (or as many as its indirect table has), and
    /// never more than `VirtIOLimits.queueSizeMaximum` of one direction.
    func pop(
        features: UInt64, bugs: PlantedBugs, memory: any GuestMemory
    ) throws(VirtQueueError) -> VirtQueueElement? {
        if isEmpty(memory) { return nil }
        let slot = UInt64(lastAvailable % size)
        if inFlight >= Int(size) { throw .queueSizeExceeded }
        let head = memory.load16(availableRing &+ 4 &+ slot &* 2)
        lastAvailable = lastAvailable &+ 1
        if head >= size { throw .headOutOfRange(head) }
        if features & VirtIOFeature.eventIndex != 0 { storeAvailableEvent(lastAvailable, memory) }
        if descriptorTable == 0 { throw .ringNotMapped }

        var walk = ChainWalk(queue: self, bugs: bugs)
        var descriptor = walk.load(Int(head), memory)
        if descriptor.flags & VirtIORing.flagIndirect != 0 {
            try walk.enterIndirect(descriptor, memory)
            descriptor = walk.load(0, memory)
        }
        try walk.follow(from: descriptor, memory)
        inFlight += 1
        return VirtQueueElement(
            head: head, readable: Array(pieces[..<walk.readableCount]),
            writable: Array(pieces[walk.readableCount..<walk.count]))
    }
}

/// One walk along a chain: the table it runs in, and what it has collected.
private struct ChainWalk {
    var table: UInt64
    var limit: Int
    let bugs: PlantedBugs
    /// The queue's storage for pieces: device-readable ones first, then device-writable ones.
    let queue: VirtQueue
    var count = 0
    var readableCount = 0
    /// The reference has one page to bounce a buffer that is not RAM, so a request has one such piece.
    private var hasBounced = false

    init(queue: VirtQueue, bugs: PlantedBugs) {
        self.queue = queue
        table = queue.descriptorTable
        limit = Int(queue.size)
        self.bugs = bugs
    }

    func load(_ index: Int, _ memory: any GuestMemory) -> VirtQueueDescriptor {
        var raw: (UInt64, UInt64) = (0, 0)
        let offset = UInt64(truncatingIfNeeded: index) &* UInt64(VirtIORing.descriptorByteCount)
        withUnsafeMutableBytes(of: &raw) { memory.read(table &+ offset, into: $0) }
        let rest = UInt64(littleEndian: raw.1)
        return VirtQueueDescriptor(
            address: UInt64(littleEndian: raw.0), byteCount: UInt32(truncatingIfNeeded: rest),
            flags: UInt16(truncatingIfNeeded: rest >> 32), next: UInt16(truncatingIfNeeded: rest >> 48))
    }

    /// An indirect table replaces the ring's own (VIRTIO 1.2, 2.7.5.3).
    mutating func enterIndirect(
        _ descriptor: VirtQueueDescriptor, _ memory: any GuestMemory
    ) throws(VirtQueueError) {
        let byteCount = Int(descriptor.byteCount)
        if byteCount == 0 || byteCount % VirtIORing.descriptorByteCount != 0 {
            throw .indirectTableSize(descriptor.byteCount)
        }
        let mapped = memory.contiguousRAM(at: descriptor.address, length: UInt64(byteCount))
        if mapped != 0 && mapped < UInt64(byteCount) { throw .indirectTableNotMapped }
        table = descriptor.address
        limit = byteCount / VirtIORing.descriptorByteCount
    }

    mutating func follow(
        from first: VirtQueueDescriptor, _ memory: any GuestMemory
    ) throws(VirtQueueError) {
        var descriptor = first
        while true {
            try append(descriptor, memory)
            // More buffers than descriptors: the chain runs in a circle (VIRTIO 1.2, 2.7.5.1).
            if count > limit { throw .loop }
            if descriptor.flags & VirtIORing.flagNext == 0 { return }
            if Int(descriptor.next) >= limit { throw .nextOutOfRange(descriptor.next) }
            descriptor = load(Int(descriptor.next), memory)
        }
    }

    /// Adds one descriptor's buffer, in as many pieces as it has contiguous stretches of RAM.
    private mutating func append(
        _ descriptor: VirtQueueDescriptor, _ memory: any GuestMemory
    ) throws(VirtQueueError) {
        let writes = descriptor.flags & VirtIORing.flagWrite != 0
        if !writes && count > readableCount { throw .descriptorOrder }
        if !bugs.contains(.virtqueueZeroLengthDescriptor) {
            if descriptor.byteCount == 0 { throw .zeroSizedBuffer }
        }
        var address = descriptor.address
        var remaining = UInt64(descriptor.byteCount)
        while remaining != 0 {
            if !bugs.contains(.virtqueueIndirectLength) {
                if count >= VirtIOLimits.queueSizeMaximum { throw .tooManySegments }
            }
            var length = memory.contiguousRAM(at: address, length: remaining)
            if length == 0 {
                if hasBounced { throw .bufferNotMapped(address) }
                hasBounced = true
                length = min(remaining, VirtIOLimits.bounceByteCount)
            }
            queue.pieces[count] = VirtQueueSegment(
                address: address, byteCount: UInt32(truncatingIfNeeded: length))
            count += 1
            queue.usedPieceCount = max(queue.usedPieceCount, count)
            if !writes { readableCount = count }
            address = address &+ length
            remaining -= length
        }
    }
}
