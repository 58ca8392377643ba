import Devices
import Machine

/// For each planted bug the shortest input that we know, as accesses to a machine with a virtio-blk in slot
/// 2.
enum PlantedBugInputs {
    private static let legacy = VirtIOReferenceTests.legacyBase
    private static let modern = VirtIOReferenceTests.modernBase
    private static let msix = VirtIOReferenceTests.msixBase
    private static let ring: UInt64 = 0x20_0000
    private static let table: UInt64 = 0x21_0000
    private static let header: UInt64 = 0x30_0000
    private static let data: UInt64 = 0x31_0000
    private static let status: UInt64 = 0x32_0000
    private static let availableRing = ring + 256 * 16
    static let lastSector = UInt64(LocalGuest.sectorCount) - 1

    typealias Buffer = (address: UInt64, length: UInt32, isWritable: Bool)

    static func operations(for name: String) -> [GuestOperation] {
        VirtIOReferenceTests.mapping + specific(name)
    }

    private static func specific(_ name: String) -> [GuestOperation] {
        switch name {
        case "pit-control-read": return [.portRead(address: 0x43, size: 1)]
        case "rtc-index":
            return [.portWrite(address: 0x70, size: 1, value: 0x80), .portRead(address: 0x71, size: 1)]
        case "serial-divisor":
            // Divisor 0, FIFOs on, loop-back on, one byte.
            return [(3, 0x80), (0, 0), (1, 0), (3, 3), (2, 1), (4, 0x10), (0, 0x55)].map {
                .portWrite(address: 0x3f8 + $0.0, size: 1, value: $0.1)
            }
        case "interrupt-poll":
            // OCW3 with the poll bit; then the read that polls.
            return [.portWrite(address: 0x20, size: 1, value: 0x0c), .portRead(address: 0x20, size: 1)]
        case "pci-configuration-end": return [.configRead(offset: 0xff, size: 4)]
        case "msix-table-offset": return [.memoryRead(address: msix + 0x400, size: 4)]
        case "virtio-queue-notify": return [.portWrite(address: legacy + 16, size: 2, value: 1)]
        case "virtio-configuration-bounds": return [.memoryRead(address: modern + 0x2000 + 60, size: 4)]
        case "virtio-queue-select":
            return [
                .memoryWrite(address: modern + 0x16, size: 2, value: 0x400),
                .memoryRead(address: modern + 0x1a, size: 2),
            ]
        case "virtio-queue-size":
            return setUp + [.memoryWrite(address: modern + 0x18, size: 2, value: 0)] + kick(1)
        case "virtqueue-zero-length-descriptor":
            return setUp + descriptor(ring, data, 0, flags: 1, next: 0) + kick(1)
        case "virtqueue-indirect-length": return indirectTable
        case "block-sector-range":
            return setUp + request(1, type: 0, sector: .max, [(data, 512, true)])
        case "block-unaligned-transfer":
            return setUp + request(1, type: 1, sector: lastSector, [(data, 700, false)])
        case "block-discard-allocation":
            // 200 descriptors of 32 MiB each, all the same memory.
            return setUp
                + request(1, type: 13, sector: 0, Array(repeating: (0x40_0000, 32 << 20, false), count: 200))
        case "block-double-fetch": return doubleFetch
        case "block-reset-in-flight":
            // The status register is one byte of the data, the rest of the sector goes to memory.
            return setUp + request(1, type: 0, sector: 0, [(modern + 0x14, 1, true), (data, 511, true)])
        default: return []
        }
    }

    /// Queue 0 by the modern interface, without features, driver ready.
    static var setUp: [GuestOperation] {
        let fields: [(UInt64, Int, UInt64)] = [
            (0x14, 1, 0), (0x14, 1, 3), (0x08, 4, 1), (0x0c, 4, 1), (0x14, 1, 0xb), (0x16, 2, 0),
            (0x18, 2, 256),
            (0x20, 4, ring), (0x28, 4, availableRing), (0x30, 4, 0x20_2000), (0x1c, 2, 1), (0x14, 1, 0xf),
        ]
        return fields.map { .memoryWrite(address: modern + $0.0, size: $0.1, value: $0.2) }
    }

    static func descriptor(
        _ place: UInt64, _ address: UInt64, _ length: UInt32, flags: UInt64, next: UInt64
    ) -> [GuestOperation] {
        [
            .memoryWrite(address: place, size: 8, value: address),
            .memoryWrite(address: place + 8, size: 8, value: UInt64(length) | flags << 32 | next << 48),
        ]
    }

    /// Offers descriptor 0 as the `count`th request and notifies.
    static func kick(_ count: UInt64) -> [GuestOperation] {
        [
            .memoryWrite(address: availableRing + 4 + (count - 1) * 2, size: 2, value: 0),
            .memoryWrite(address: availableRing + 2, size: 2, value: count),
            .memoryWrite(address: modern + 0x3000, size: 2, value: 0),
        ]
    }

    static func request(
        _ count: UInt64, type: UInt32, sector: UInt64, header place: UInt64 = header, _ buffers: [Buffer]
    ) -> [GuestOperation] {
        let all = [(place, UInt32(16), false)] + buffers + [(status, 1, true)]
        var trace: [GuestOperation] = [
            .memoryWrite(address: place, size: 8, value: UInt64(type)),
            .memoryWrite(address: place + 8, size: 8, value: sector),
        ]
        for (index, buffer) in all.enumerated() {
            let flags: UInt64 = (buffer.2 ? 2 : 0) | (index + 1 < all.count ? 1 : 0)
            trace += descriptor(
                ring + UInt64(index) * 16, buffer.0, buffer.1, flags: flags, next: UInt64(index + 1))
        }
        return trace + kick(count)
    }

    /// 1,100 descriptors of one byte in an indirect table: one write of bytes, as a driver would.
    private static var indirectTable: [GuestOperation] {
        var bytes: [UInt8] = []
        for index in 0..<1100 {
            let rest = UInt64(1) | UInt64(1) << 32 | UInt64(index + 1) << 48
            for word in [header, rest] {
                for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * byte))) }
            }
        }
        return setUp + [.bytesWrite(address: table, bytes: bytes)]
            + descriptor(ring, table, UInt32(bytes.count), flags: 4, next: 0) + kick(1)
    }

    /// First a sector full of ones is written; then it is read over the header of the reading request.
    private static var doubleFetch: [GuestOperation] {
        setUp + [.bytesWrite(address: data, bytes: [UInt8](repeating: 0x3f, count: 512))]
            + request(1, type: 1, sector: 0, [(data, 512, false)])
            + request(2, type: 0, sector: 0, [(header, 512, true), (data, 512, true)])
    }
}
