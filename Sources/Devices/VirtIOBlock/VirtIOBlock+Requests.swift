import Machine

// What each request does (VIRTIO 1.2, 5.2.6). The request stands in `inFlight[slot]` for as long as it runs,
// so that a reset can drop it.

extension VirtIOBlock {
    func execute(_ slot: Int, _ device: VirtIODevice) throws(VirtQueueError) -> BlockStatus {
        let request = inFlight[slot]
        switch request.type & ~BlockRequestType.ignoredBits {
        case BlockRequestType.read:
            let isWrite = request.type & BlockRequestType.directionOut != 0
            return transfer(request, isWrite: isWrite, device)
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
    private func transfer(_ request: BlockRequest, isWrite: Bool, _ device: VirtIODevice) -> BlockStatus {
        let byteCount = isWrite ? request.outputByteCount : request.inputByteCount
        if !isInside(request.sector, byteCount, device.bugs) { return .ioError }
        transferredByteCount += byteCount
        let segments = isWrite ? request.output : request.input
        let start = Self.position(ofSector: request.sector)
        var done = 0
        for (index, segment) in segments.enumerated() {
            move(segment, position: start &+ done, isWrite: isWrite, device.memory)
            done += Int(segment.byteCount)
            guard device.bugs.contains(.blockDoubleFetch) else { continue }
            let sector = refetchedSector(request, device.memory)
            if sector != request.sector {
                transferRest(request, segments[(index + 1)...], sector: sector, done: done, isWrite: isWrite, device.memory)
                break
            }
        }
        return .ok
    }

    /// The buffers behind the one in which a request's header changed: to or from the sector that it has now, which nobody checked.
    private func transferRest(
        _ request: BlockRequest, _ segments: ArraySlice<VirtQueueSegment>, sector: UInt64, done: Int, isWrite: Bool,
        _ memory: any GuestMemory
    ) {
        var (sector, done) = (sector, done)
        for segment in segments {
            move(segment, position: Self.position(ofSector: sector) &+ done, isWrite: isWrite, memory)
            done += Int(segment.byteCount)
            sector = refetchedSector(request, memory)
        }
    }

    /// The sector from the header as it is in guest memory now, instead of the one that was checked.
    private func refetchedSector(_ request: BlockRequest, _ memory: any GuestMemory) -> UInt64 {
        var raw: UInt64 = 0
        withUnsafeMutableBytes(of: &raw) { memory.read(request.headerAddress &+ 8, into: $0) }
        return UInt64(littleEndian: raw)
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
