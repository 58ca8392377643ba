import Machine

// What each request does (VIRTIO 1.2, 5.2.6). The request stands in `inFlight[slot]` for as long as it runs,
// so that a reset can drop it.

extension VirtIOBlock {
    func execute(_ slot: Int, _ device: VirtIODevice) throws(VirtQueueError) -> BlockStatus {
        let request = inFlight[slot]
        switch request.type & ~BlockRequestType.ignoredBits {
        case BlockRequestType.read:
            let isWrite = request.type & BlockRequestType.directionOut != 0
            return transfer(slot, isWrite: isWrite, device)
        case BlockRequestType.flush:
            return .ok
        case BlockRequestType.scsiCommand:
            return scsiCommand(request, device)
        case BlockRequestType.getID:
            let count = min(identifierBytes().count, request.inputByteCount)
            BlockRequest.scatter(
                Array(identifierBytes().prefix(count)), over: request.input, memory: device.memory)
            return .ok
        case BlockRequestType.discard & ~1, BlockRequestType.writeZeroes & ~1:
            return try zeroSectors(request, device)
        default:
            return .unsupported
        }
    }

    // MARK: Data

    private func isInside(_ sector: UInt64, _ byteCount: Int, _ bugs: PlantedBugs) -> Bool {
        var byteCount = byteCount
        // Rounded down for the check, whole for the transfer.
        if bugs.contains(.blockUnalignedTransfer) { byteCount -= byteCount % BlockDisk.sectorByteCount }
        guard bugs.contains(.blockSectorRange) else { return disk.contains(sector: sector, byteCount: byteCount) }
        // Sum first, compare then: the sum wraps.
        let end = sector &+ UInt64(byteCount / BlockDisk.sectorByteCount)
        return byteCount % BlockDisk.sectorByteCount == 0 && end <= UInt64(disk.sectorCount)
    }

    /// Moves a request's data, buffer by buffer.
    private func transfer(_ slot: Int, isWrite: Bool, _ device: VirtIODevice) -> BlockStatus {
        let memory = device.memory
        let byteCount = isWrite ? inFlight[slot].outputByteCount : inFlight[slot].inputByteCount
        if !isInside(inFlight[slot].sector, byteCount, device.bugs) { return .ioError }
        transferredByteCount += byteCount
        if device.bugs.contains(.blockDoubleFetch) { return transferRefetching(slot, isWrite: isWrite, memory) }
        let segmentCount = isWrite ? inFlight[slot].output.count : inFlight[slot].input.count
        let start = Self.position(ofSector: inFlight[slot].sector)
        var done = 0
        for index in 0..<segmentCount {
            let segment = isWrite ? inFlight[slot].output[index] : inFlight[slot].input[index]
            move(segment, position: start &+ done, isWrite: isWrite, memory)
            done += Int(segment.byteCount)
        }
        return .ok
    }

    /// The same, but that each buffer's sector is the one that the header in guest memory has now, instead of the one that was checked.
    private func transferRefetching(_ slot: Int, isWrite: Bool, _ memory: any GuestMemory) -> BlockStatus {
        let segmentCount = isWrite ? inFlight[slot].output.count : inFlight[slot].input.count
        var sector = inFlight[slot].sector
        var done = 0
        for index in 0..<segmentCount {
            let segment = isWrite ? inFlight[slot].output[index] : inFlight[slot].input[index]
            move(segment, position: Self.position(ofSector: sector) &+ done, isWrite: isWrite, memory)
            done += Int(segment.byteCount)
            withUnsafeMutableBytes(of: &sector) { memory.read(inFlight[slot].headerAddress &+ 8, into: $0) }
            sector = UInt64(littleEndian: sector)
        }
        return .ok
    }

    private static func position(ofSector sector: UInt64) -> Int {
        Int(truncatingIfNeeded: sector &* UInt64(BlockDisk.sectorByteCount))
    }

    /// Moves one buffer's data; the caller has checked the range.
    private func move(_ segment: VirtQueueSegment, position: Int, isWrite: Bool, _ memory: any GuestMemory) {
        if isWrite {
            disk.write(position: position, byteCount: Int(segment.byteCount)) { offset, bytes in
                memory.read(segment.address &+ UInt64(offset), into: bytes)
            }
        } else {
            disk.read(position: position, byteCount: Int(segment.byteCount)) { offset, bytes in
                memory.write(segment.address &+ UInt64(offset), from: bytes)
            }
        }
    }

    // MARK: Discard and write zeroes

    private func zeroSectors(
        _ request: BlockRequest, _ device: VirtIODevice
    ) throws(VirtQueueError) -> BlockStatus {
        let isWriteZeroes = request.type & ~BlockRequestType.ignoredBits == BlockRequestType.writeZeroes & ~1
        if request.type & BlockRequestType.directionOut == 0 { return .unsupported }
        // One segment, as the configuration says; more is not supported.
        if !device.bugs.contains(.blockDiscardAllocation) {
            if request.outputByteCount > BlockRequest.discardSegmentByteCount { return .unsupported }
        }
        let length = max(request.outputByteCount, BlockRequest.discardSegmentByteCount)
        var segment = [UInt8](repeating: 0, count: length)
        if BlockRequest.gather(request.output, into: &segment, memory: device.memory) != segment.count {
            throw .request(.discardHeaderTooShort)
        }
        let sector = BlockRequest.integer(segment, 0, 8)
        let count = UInt32(truncatingIfNeeded: BlockRequest.integer(segment, 8, 4))
        let flags = UInt32(truncatingIfNeeded: BlockRequest.integer(segment, 12, 4))
        if count > Self.zeroSectorsMaximum { return .ioError }
        if !isInside(sector, Int(count) * BlockDisk.sectorByteCount, device.bugs) { return .ioError }
        // Only "unmap" is known, and it makes sense for write zeroes only (VIRTIO 1.2, 5.2.6.2).
        if flags & ~1 != 0 || (!isWriteZeroes && flags & 1 != 0) { return .unsupported }
        if isWriteZeroes { disk.zero(sector: Int(truncatingIfNeeded: sector), count: Int(count)) }
        return .ok
    }

    // MARK: SCSI

    /// SCSI commands are refused with an error code that is not zero, as the reference does.
    private func scsiCommand(_ request: BlockRequest, _ device: VirtIODevice) -> BlockStatus {
        guard let address = request.scsiResultAddress else { return .ioError }
        withUnsafeBytes(of: UInt32(255).littleEndian) { device.memory.write(address, from: $0) }
        return .unsupported
    }
}
