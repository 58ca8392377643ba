/// Request types (VIRTIO 1.2, 5.2.6; `scsiCommand` is legacy). Bit 0 gives the direction, bit 31 was
/// a barrier once and is ignored.
package enum BlockRequestType {
    package static let read: UInt32 = 0
    package static let write: UInt32 = 1
    package static let scsiCommand: UInt32 = 2
    package static let flush: UInt32 = 4
    package static let getID: UInt32 = 8
    package static let discard: UInt32 = 11
    package static let writeZeroes: UInt32 = 13
    static let directionOut: UInt32 = 1
    static let ignoredBits: UInt32 = 0x8000_0001
}

/// The status byte that ends each request (VIRTIO 1.2, 5.2.6).
package enum BlockStatus: UInt8 {
    case ok = 0
    case ioError = 1
    case unsupported = 2
}

/// A request without the parts that every request has.
package enum BlockRequestError: Equatable, Sendable {
    case missingHeaders
    case outHeaderTooShort
    case inHeaderTooShort
    case discardHeaderTooShort
}

/// A request that was taken from the queue: what the driver wants, and where its data are.
package struct BlockRequest {
    package static let headerByteCount = 16
    package static let discardSegmentByteCount = 16
    package static let identifierByteCount = 20

    var head: UInt16
    var type: UInt32
    var sector: UInt64
    /// Where the header's first piece is; for `blockDoubleFetch` only.
    var headerAddress: UInt64
    /// Data to the device, after the header.
    var output: [VirtQueueSegment]
    /// Data from the device, before the status byte.
    var input: [VirtQueueSegment]
    var statusAddress: UInt64
    /// Where a SCSI command's result goes; nil if the request has too few buffers for one.
    var scsiResultAddress: UInt64?
    /// All device-writable bytes with the status byte: what the reference reports in the used ring.
    var writableByteCount: UInt32

    var outputByteCount: Int { Self.byteCount(output) }
    var inputByteCount: Int { Self.byteCount(input) }

    /// Cuts header and status byte off an element's buffers.
    static func parse(
        _ element: VirtQueueElement, memory: any GuestMemory
    ) throws(VirtQueueError) -> BlockRequest {
        guard let firstOut = element.readable.first, let lastIn = element.writable.last else {
            throw .request(.missingHeaders)
        }
        var header = [UInt8](repeating: 0, count: headerByteCount)
        guard gather(element.readable, into: &header, memory: memory) == headerByteCount else {
            throw .request(.outHeaderTooShort)
        }
        // A buffer is never empty (the queue refuses that), but this is where the status byte depends on it.
        if lastIn.byteCount < 1 { throw .request(.inHeaderTooShort) }
        var input = element.writable
        input[input.count - 1].byteCount -= 1
        if lastIn.byteCount == 1 { input.removeLast() }
        // Header and command in, data, sense, result and status out (VIRTIO 1.2, 5.2.6.4).
        let writable = element.writable
        let hasSCSI = element.readable.count >= 2 && writable.count >= 3
        return BlockRequest(
            head: element.head,
            type: UInt32(truncatingIfNeeded: integer(header, 0, 4)), sector: integer(header, 8, 8),
            headerAddress: firstOut.address, output: dropping(headerByteCount, from: element.readable),
            input: input, statusAddress: lastIn.address &+ UInt64(lastIn.byteCount) &- 1,
            scsiResultAddress: hasSCSI ? writable[writable.count - 2].address : nil,
            writableByteCount: UInt32(truncatingIfNeeded: byteCount(element.writable)))
    }

    static func byteCount(_ segments: [VirtQueueSegment]) -> Int {
        segments.reduce(0) { $0 + Int($1.byteCount) }
    }

    /// Fills `bytes` from the start of `segments`; returns how many bytes there were.
    static func gather(
        _ segments: [VirtQueueSegment], into bytes: inout [UInt8], memory: any GuestMemory
    ) -> Int {
        var filled = 0
        for segment in segments where filled < bytes.count {
            let length = min(Int(segment.byteCount), bytes.count - filled)
            bytes.withUnsafeMutableBytes {
                memory.read(segment.address, into: .init(rebasing: $0[filled..<(filled + length)]))
            }
            filled += length
        }
        return filled
    }

    /// Spreads `bytes` over the start of `segments`.
    static func scatter(_ bytes: [UInt8], over segments: [VirtQueueSegment], memory: any GuestMemory) {
        var done = 0
        for segment in segments where done < bytes.count {
            let length = min(Int(segment.byteCount), bytes.count - done)
            bytes.withUnsafeBytes {
                memory.write(segment.address, from: .init(rebasing: $0[done..<(done + length)]))
            }
            done += length
        }
    }

    private static func dropping(_ count: Int, from segments: [VirtQueueSegment]) -> [VirtQueueSegment] {
        var remaining = UInt32(count)
        var result: [VirtQueueSegment] = []
        for var segment in segments {
            let cut = min(remaining, segment.byteCount)
            remaining -= cut
            segment.address = segment.address &+ UInt64(cut)
            segment.byteCount -= cut
            if segment.byteCount > 0 { result.append(segment) }
        }
        return result
    }

    static func integer(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(bytes[offset + index]) << UInt64(index * 8) }
        return value
    }
}
