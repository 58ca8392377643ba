import Devices
import Foundation
import Machine
import Testing

/// The same accesses on our device and on QEMU's; every answer must be the same.
@Suite(.enabled(if: ReferenceGuest.isInstalled, "qemu-system-i386 is not installed"))
struct VirtIOReferenceTests {
    static let legacyBase: UInt64 = 0xc000
    static let msixBase: UInt64 = 0xfeb0_0000
    static let modernBase: UInt64 = 0xfea0_0000

    static let mapping: [GuestOperation] = [
        .configWrite(offset: 0x10, size: 4, value: UInt32(legacyBase)),
        .configWrite(offset: 0x14, size: 4, value: UInt32(msixBase)),
        .configWrite(offset: 0x20, size: 4, value: UInt32(modernBase)),
        .configWrite(offset: 0x24, size: 4, value: 0),
        .configWrite(offset: 0x04, size: 2, value: 7),
    ]

    /// Runs a trace on both and reports the first difference with what led to it.
    private func compare(_ trace: [GuestOperation], _ note: String) throws {
        let local = LocalGuest()
        let reference = try ReferenceGuest()
        for operation in Self.mapping {
            local.run(operation)
            reference.run(operation)
        }
        for (index, operation) in trace.enumerated() {
            let expected = reference.run(operation)
            let actual = local.run(operation)
            guard expected == actual else {
                let before = trace[max(0, index - 30)..<index].map(\.description).joined(separator: "\n")
                Issue.record(
                    "\(note), operation \(index): \(operation): QEMU \(expected), we \(actual)\n\(before)")
                return
            }
        }
    }

    @Test func configurationSpaceAndItsWritableBits() throws {
        var trace: [GuestOperation] = []
        for offset in stride(from: 0, to: 256, by: 4) {
            trace += [
                .configRead(offset: offset, size: 4), .configWrite(offset: offset, size: 4, value: .max),
                .configRead(offset: offset, size: 4), .configWrite(offset: offset, size: 4, value: 0),
                .configRead(offset: offset, size: 4),
            ]
        }
        try compare(trace, "configuration space")
    }

    @Test(arguments: 1...6) func randomLegacyAccesses(seed: Int) throws {
        var random = TestRandom(seed: UInt64(seed))
        var trace: [GuestOperation] = []
        for _ in 0..<1500 {
            let size = random.pick([1, 2, 4])
            let address = Self.legacyBase + UInt64(random.below(random.below(3) == 0 ? 128 : 26))
            let value = random.pick([
                0, 1, 2, 3, 7, 15, 0x100, 0x3ff, 0x400, 0xffff, random.next() & 0xffff_ffff,
            ])
            trace.append(
                random.below(2) == 0
                    ? .portRead(address: address, size: size)
                    : .portWrite(address: address, size: size, value: value & ((1 << UInt64(size * 8)) - 1)))
        }
        try compare(trace, "legacy, seed \(seed)")
    }

    @Test(arguments: 1...6) func randomModernAccesses(seed: Int) throws {
        var random = TestRandom(seed: UInt64(seed))
        var trace: [GuestOperation] = []
        for _ in 0..<1500 {
            let size = random.pick([1, 2, 4, 8])
            let region = UInt64(random.pick([0, 0, 0, 1, 2, 3])) * 0x1000
            let limit = region == 0 ? 0x40 : random.pick([8, 64, 0x1000])
            let address = Self.modernBase + region + UInt64(random.below(limit))
            let value = random.pick([0, 1, 2, 3, 7, 15, 0x100, 0x3ff, 0x400, 0x10_0000, random.next()])
            trace.append(
                random.below(2) == 0
                    ? .memoryRead(address: address, size: size)
                    : .memoryWrite(address: address, size: size, value: value & sizeMask(size)))
        }
        try compare(trace, "modern, seed \(seed)")
    }

    @Test(arguments: 1...4) func randomConfigurationAccesses(seed: Int) throws {
        var random = TestRandom(seed: UInt64(seed))
        var trace: [GuestOperation] = []
        for _ in 0..<800 {
            let size = random.pick([1, 2, 4])
            let offset = random.pick([random.below(256), 0x84 + random.below(20), 0x98 + random.below(12), 4])
            let aligned = offset / size * size
            let value = random.pick([0, 1, 2, 4, 7, 0x1000, 0x1014, 0x2000, 0x3000, UInt32.max])
            // BARs and command stay where they are: this is about everything else.
            let isPlace = (0x04..<0x28).contains(aligned)
            trace.append(
                isPlace || random.below(2) == 0
                    ? .configRead(offset: aligned, size: size)
                    : .configWrite(offset: aligned, size: size, value: value & UInt32(sizeMask(size))))
        }
        try compare(trace, "configuration, seed \(seed)")
    }

    private func sizeMask(_ size: Int) -> UInt64 { size == 8 ? .max : (1 << UInt64(size * 8)) - 1 }
}
