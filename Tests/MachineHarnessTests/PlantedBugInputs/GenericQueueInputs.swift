import Machine

/// Planted bugs behind a virtqueue as generic-fuzz inputs for the globs `virtio*`: the rings and requests are the patterns that
/// guest memory is filled with when the device reads it, in the order of its reads.
enum GenericQueueInputs {
    private static let ring: UInt64 = 0x1000
    private static let header: UInt64 = 0x4000
    private static let data: UInt64 = 0x8000
    private static let status: UInt64 = 0x5000
    /// Where the harness maps the device's own status register (BAR 4, common configuration).
    private static let statusRegister: UInt64 = 0xe000_4014
    private static let lastSector: UInt64 = 2047
    private enum Flag { static let next: UInt16 = 1, write: UInt16 = 2, indirect: UInt16 = 4 }

    /// nil where the bug of that name needs no queue.
    static func operations(_ name: String) -> [[UInt8]]? {
        switch name {
        case "virtio-queue-size":
            setUp + rings(1) + [common(1, 0x18, 0), notify]
        case "virtqueue-zero-length-descriptor":
            setUp + rings(1) + [descriptor(data, 0, Flag.next, 0), notify]
        case "virtqueue-indirect-length":
            // Entry 1 of the indirect table leads to itself: 1,100 entries are allowed, the room is for 1,024.
            setUp + rings(1) + [
                descriptor(0x1_0000, 1100 * 16, Flag.indirect, 0), descriptor(data, 1, Flag.next, 1),
                descriptor(data, 1, Flag.next, 1), notify,
            ]
        case "block-sector-range":
            setUp + request(1, type: 0, sector: .max, [(data, 512, true)])
        case "block-unaligned-transfer":
            setUp + request(1, type: 1, sector: lastSector, [(data, 700, false)])
        case "block-discard-allocation":
            // The same 48 MiB above the first one a hundred times.
            setUp + request(1, type: 13, sector: 0, Array(repeating: (1 << 20, 48 << 20, false), count: 100))
        case "block-double-fetch":
            // A sector full of ones is written; then it is read over the header of the reading request.
            setUp + request(1, type: 1, sector: 0, [(data, 512, false)], content: [0x3f]) + [[8]]
                + request(2, type: 0, sector: 0, [(header, 512, true), (data, 512, true)])
        case "block-reset-in-flight":
            setUp + request(1, type: 0, sector: 0, [(statusRegister, 1, true), (data, 511, true)])
        default: nil
        }
    }

    private static func common(_ size: UInt8, _ offset: UInt32, _ value: UInt64) -> [UInt8] {
        Encode.write(size, base: 2, offset, value)
    }

    private static let notify = Encode.write(1, base: 5, 0, 0)

    /// Queue 0 by the modern interface, driver ready.
    private static let setUp: [[UInt8]] = [
        common(0, 0x14, 0), common(0, 0x14, 3), common(2, 0x08, 1), common(2, 0x0c, 1), common(0, 0x14, 0xb),
        common(1, 0x16, 0), common(2, 0x20, ring), common(2, 0x28, 0x2000), common(2, 0x30, 0x3000), common(1, 0x1c, 1),
        common(0, 0x14, 0xf),
    ]

    /// The used ring's flags, the available ring's index, and its entry: descriptor 0.
    private static func rings(_ count: UInt16) -> [[UInt8]] {
        [Encode.pattern([0, 0]), Encode.pattern(Encode.little(count)), Encode.pattern([0, 0])]
    }

    private static func descriptor(_ address: UInt64, _ length: UInt32, _ flags: UInt16, _ next: UInt16) -> [UInt8] {
        Encode.pattern(Encode.little(address) + Encode.little(length) + Encode.little(flags) + Encode.little(next))
    }

    private static func request(
        _ count: UInt16, type: UInt32, sector: UInt64, _ buffers: [(address: UInt64, length: UInt32, isWritten: Bool)],
        content: [UInt8]? = nil
    ) -> [[UInt8]] {
        let all = [(header, UInt32(16), false)] + buffers + [(status, 1, true)]
        let chain = all.enumerated().map { index, buffer in
            descriptor(
                buffer.0, buffer.1, (buffer.2 ? Flag.write : 0) | (index + 1 < all.count ? Flag.next : 0), UInt16(index + 1))
        }
        let head = Encode.pattern(Encode.little(type) + Encode.little(UInt32(0)) + Encode.little(sector))
        return rings(count) + chain + [head] + (content.map { [Encode.pattern($0)] } ?? []) + [notify]
    }
}
