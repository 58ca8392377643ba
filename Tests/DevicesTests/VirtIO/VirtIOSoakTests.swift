import Devices
import Foundation
import Machine
import Testing

/// Generated accesses without any planted bug: nothing may trap and nothing may go on for ever.
@Suite struct VirtIOSoakTests {
    /// Over both seeds: a million, ten with FUZZD_SOAK=1.
    static let operationCount =
        ProcessInfo.processInfo.environment["FUZZD_SOAK"] == nil ? 1_000_000 : 10_000_000

    @Test(arguments: [1, 2]) func generatedAccesses(seed: Int) {
        var random = TestRandom(seed: UInt64(seed))
        let guest = LocalGuest()
        for operation in VirtIOReferenceTests.mapping { guest.run(operation) }
        var requestCount = 0
        var finishedCount = 0
        for number in 0..<(Self.operationCount / 2) {
            if number % 64 == 0 {
                finishedCount += Int(guest.device.virtio.queues[0].usedIndex)
                for operation in VirtIOReferenceTests.mapping + PlantedBugInputs.setUp {
                    guest.run(operation)
                }
                requestCount = 0
            }
            let operation = Self.operation(&random, &requestCount)
            guest.run(operation)
        }
        print("soak of virtio-blk: \(Self.operationCount / 2) operations, seed \(seed), \(finishedCount) requests")
        // The trace is worth something only if requests get through.
        #expect(finishedCount > 1000, "seed \(seed)")
        let answer = guest.run(.configRead(offset: 0, size: 4))
        #expect(answer == "0x10011af4", "seed \(seed)")
    }

    private static func operation(_ random: inout TestRandom, _ requestCount: inout Int) -> GuestOperation {
        let modern = VirtIOReferenceTests.modernBase
        let value = random.pick([0, 1, 2, 7, 0xf, 0x20_0000, 0xfea0_0000, random.next(), .max])
        switch random.below(12) {
        case 0:
            return .portRead(address: VirtIOReferenceTests.legacyBase + UInt64(random.below(128)), size: 2)
        case 1:
            let address = VirtIOReferenceTests.legacyBase + UInt64(random.below(32))
            return .portWrite(address: address, size: random.pick([1, 2, 4]), value: value & 0xffff_ffff)
        case 2:
            return .memoryRead(
                address: modern + UInt64(random.below(0x4000)), size: random.pick([1, 2, 4, 8]))
        case 3:
            let address = modern + UInt64(random.below(random.pick([0x40, 0x4000])))
            return .memoryWrite(address: address, size: random.pick([1, 2, 4, 8]), value: value)
        case 4: return .configRead(offset: random.below(256), size: random.pick([1, 2, 4]))
        case 5:
            // Not the BARs: the rest of the trace wants to find the device.
            let offset = random.pick([4, 0x3c, 0x84 + random.below(20), 0x98 + random.below(12)])
            return .configWrite(offset: offset, size: 4, value: UInt32(truncatingIfNeeded: value | 7))
        case 6, 7:
            // Descriptors that point anywhere, at rings and registers too.
            let address = random.pick([
                0x20_0000, 0x30_0000, modern, random.next(), UInt64(random.below(64 << 20)),
            ])
            let place = 0x20_0000 + UInt64(random.below(16)) * 16
            let length = UInt64(random.pick([0, 1, 16, 512, 4096, 0xffff_ffff]))
            let rest = length | UInt64(random.below(8)) << 32 | UInt64(random.below(20)) << 48
            return .bytesWrite(address: place, bytes: bytes(address) + bytes(rest))
        case 8:
            return .memoryWrite(
                address: 0x30_0000, size: 8, value: UInt64(random.pick([0, 1, 2, 4, 8, 11, 13, 99])))
        case 9: return .memoryWrite(address: 0x30_0008, size: 8, value: random.pick([0, 1, .max, value]))
        case 10:
            requestCount += 1
            let index = random.below(8) == 0 ? value & 0xffff : UInt64(requestCount & 0xffff)
            return .memoryWrite(address: 0x20_1002, size: 2, value: index)
        default: return .memoryWrite(address: modern + 0x3000, size: 2, value: 0)
        }
    }

    private static func bytes(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
