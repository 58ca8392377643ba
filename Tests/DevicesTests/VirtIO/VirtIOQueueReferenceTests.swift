import Devices
import Foundation
import Machine
import Testing

/// Queues in guest memory, processed by both devices: the same used ring, status bytes, data, and the same
/// fate of a driver that breaks the rules.
@Suite(.enabled(if: ReferenceGuest.isInstalled, "qemu-system-i386 is not installed"))
struct VirtIOQueueReferenceTests {
    static let ring: UInt64 = 0x20_0000
    static let buffers: UInt64 = 0x30_0000
    static let bufferByteCount = 0x8000
    static let messages: UInt64 = 0x34_0000

    /// Makes queues and requests, mostly right, sometimes wrong in one place.
    struct Driver {
        var random: TestRandom
        let isModern: Bool
        let hasEventIndex: Bool
        let hasMessages: Bool
        let masksVector: Bool
        var available: UInt16 = 0
        var size = 256
        let allowsMistakes: Bool

        var availableRing: UInt64 { ring + UInt64(size) * 16 }
        var usedRing: UInt64 { (availableRing + 4 + UInt64(size) * 2 + 4095) & ~4095 }

        init(seed: Int, allowsMistakes: Bool) {
            random = TestRandom(seed: UInt64(seed))
            isModern = seed % 2 == 0
            hasEventIndex = seed % 3 == 0
            hasMessages = seed % 4 >= 2
            masksVector = seed % 8 >= 6
            self.allowsMistakes = allowsMistakes
        }

        /// MSI-X on, with messages that go to memory where a test can see them. Every other such driver masks
        /// a vector, so that the pending bits show.
        private var messageSetUp: [GuestOperation] {
            let table = VirtIOReferenceTests.msixBase
            var trace: [GuestOperation] = [.configWrite(offset: 0x9a, size: 2, value: 0x8000)]
            for vector in 0..<UInt64(2) {
                let entry = table + vector * 16
                trace.append(.memoryWrite(address: entry, size: 4, value: messages + vector * 4))
                trace.append(.memoryWrite(address: entry + 4, size: 4, value: 0))
                trace.append(.memoryWrite(address: entry + 8, size: 4, value: 0x4041 + vector))
                trace.append(.memoryWrite(address: entry + 12, size: 4, value: masksVector ? vector : 0))
            }
            return trace
        }

        func setUp() -> [GuestOperation] {
            let vectors: [GuestOperation] =
                isModern
                ? [
                    .memoryWrite(address: VirtIOReferenceTests.modernBase + 0x10, size: 2, value: 0),
                    .memoryWrite(address: VirtIOReferenceTests.modernBase + 0x1a, size: 2, value: 1),
                ]
                : [
                    .portWrite(address: VirtIOReferenceTests.legacyBase + 20, size: 2, value: 0),
                    .portWrite(address: VirtIOReferenceTests.legacyBase + 22, size: 2, value: 1),
                ]
            return hasMessages ? messageSetUp + queueSetUp() + vectors : queueSetUp()
        }

        private func queueSetUp() -> [GuestOperation] {
            let features: UInt64 = (1 << 28) | (hasEventIndex ? 1 << 29 : 0) | (1 << 9)
            if !isModern {
                let base = VirtIOReferenceTests.legacyBase
                return [
                    .portWrite(address: base + 18, size: 1, value: 0),
                    .portWrite(address: base + 18, size: 1, value: 1),
                    .portWrite(address: base + 18, size: 1, value: 3),
                    .portWrite(address: base + 4, size: 4, value: features),
                    .portWrite(address: base + 14, size: 2, value: 0),
                    .portWrite(address: base + 8, size: 4, value: ring >> 12),
                    .portWrite(address: base + 18, size: 1, value: 7),
                ]
            }
            let base = VirtIOReferenceTests.modernBase
            var trace: [GuestOperation] = []
            func write(_ offset: UInt64, _ size: Int, _ value: UInt64) {
                trace.append(.memoryWrite(address: base + offset, size: size, value: value))
            }
            write(0x14, 1, 0)
            write(0x14, 1, 3)
            write(0x08, 4, 0)
            write(0x0c, 4, features)
            write(0x08, 4, 1)
            write(0x0c, 4, 1)
            write(0x14, 1, 0xb)
            write(0x16, 2, 0)
            write(0x18, 2, UInt64(size))
            write(0x20, 4, ring)
            write(0x24, 4, 0)
            write(0x28, 4, availableRing)
            write(0x2c, 4, 0)
            write(0x30, 4, usedRing)
            write(0x34, 4, 0)
            write(0x1c, 2, 1)
            write(0x14, 1, 0xf)
            return trace
        }

        mutating func descriptors() -> [(address: UInt64, length: UInt32, isWritable: Bool)] {
            let type: UInt32 = random.pick([0, 0, 0, 1, 1, 1, 4, 8, 11, 13, 2, 3, 5, 99, 0x8000_0000])
            let sectorMaximum = UInt64(LocalGuest.sectorCount)
            let sector = random.pick([
                UInt64(random.below(64)), UInt64(random.below(64)), sectorMaximum - 1, sectorMaximum, .max,
            ])
            var list: [(UInt64, UInt32, Bool)] = []
            let header = buffers
            requestHeader = [UInt8](repeating: 0, count: 16)
            for index in 0..<4 { requestHeader[index] = UInt8(truncatingIfNeeded: type >> (8 * index)) }
            for index in 0..<8 { requestHeader[8 + index] = UInt8(truncatingIfNeeded: sector >> (8 * index)) }
            list.append((header, 16, false))
            let isOut = type & 1 != 0
            let count = random.below(4)
            for index in 0..<count {
                let length = UInt32(random.pick([512, 1024, 16, 20, 511, 4096]))
                list.append((buffers + 0x1000 + UInt64(index) * 0x1800, length, !isOut))
            }
            list.append((buffers + 0x7000, 1, true))
            if allowsMistakes && random.below(8) == 0 { list.remove(at: random.below(list.count)) }
            if allowsMistakes && random.below(8) == 0 { list.swapAt(0, list.count - 1) }
            return list
        }
        var requestHeader: [UInt8] = []

        /// One request: descriptors, available entry, kick.
        mutating func request() -> [GuestOperation] {
            let list = descriptors()
            var trace: [GuestOperation] = []
            let isIndirect = random.below(3) == 0
            let table = isIndirect ? ring + 0x8000 : ring
            let first = isIndirect ? 0 : random.below(size - 8)
            for (index, item) in list.enumerated() {
                var flags: UInt64 = item.isWritable ? 2 : 0
                var next = UInt64(first + index + 1)
                if index + 1 < list.count { flags |= 1 }
                var length = UInt64(item.length)
                if allowsMistakes && random.below(40) == 0 { length = 0 }
                if allowsMistakes && random.below(40) == 0 { flags ^= 1 }
                if allowsMistakes && random.below(40) == 0 { next = UInt64(random.pick([0, 300, 0xffff])) }
                let place = table + UInt64(first + index) * 16
                trace.append(.memoryWrite(address: place, size: 8, value: item.address))
                trace.append(
                    .memoryWrite(address: place + 8, size: 8, value: length | flags << 32 | next << 48))
            }
            var head = UInt64(first)
            if isIndirect {
                head = UInt64(random.below(size))
                var length = UInt64(list.count * 16)
                if allowsMistakes && random.below(10) == 0 { length = UInt64(random.pick([0, 8, 16, 20])) }
                trace.append(.memoryWrite(address: ring + head * 16, size: 8, value: table))
                trace.append(.memoryWrite(address: ring + head * 16 + 8, size: 8, value: length | 4 << 32))
            }
            if allowsMistakes && random.below(60) == 0 { head = 256 }
            trace.append(.bytesWrite(address: buffers, bytes: requestHeader))
            if random.below(2) == 0 {
                let bytes = (0..<256).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                trace.append(.bytesWrite(address: buffers + 0x1000, bytes: bytes))
            }
            let slot = availableRing + 4 + UInt64(available % UInt16(size)) * 2
            trace.append(.memoryWrite(address: slot, size: 2, value: head))
            available &+= 1
            let noInterrupt = UInt64(random.below(4) == 0 ? 1 : 0)
            trace.append(.memoryWrite(address: availableRing, size: 2, value: noInterrupt))
            trace.append(.memoryWrite(address: availableRing + 2, size: 2, value: UInt64(available)))
            trace.append(kick)
            return trace
        }

        var kick: GuestOperation {
            isModern
                ? .memoryWrite(address: VirtIOReferenceTests.modernBase + 0x3000, size: 2, value: 0)
                : .portWrite(address: VirtIOReferenceTests.legacyBase + 16, size: 2, value: 0)
        }

        /// What a driver can see afterwards.
        var observation: [GuestOperation] {
            let base = VirtIOReferenceTests.legacyBase
            return [
                .bytesRead(address: usedRing, count: 4 + 8 * size + 2),
                .bytesRead(address: availableRing + UInt64(4 + size * 2), count: 2),
                .bytesRead(address: buffers, count: bufferByteCount),
                .memoryRead(address: messages, size: 8),
                .memoryRead(address: VirtIOReferenceTests.msixBase + 0x800, size: 8),
                .bytesWrite(address: messages, bytes: [0, 0, 0, 0, 0, 0, 0, 0]),
                .portRead(address: base + 18, size: 1), .configRead(offset: 4, size: 4),
                .portRead(address: base + 19, size: 1), .configRead(offset: 4, size: 4),
            ]
        }
    }

    private func run(seed: Int, allowsMistakes: Bool, requestCount: Int) throws {
        let local = LocalGuest()
        let reference = try ReferenceGuest()
        var driver = Driver(seed: seed, allowsMistakes: allowsMistakes)
        var history: [String] = []
        func both(_ trace: [GuestOperation]) {
            for operation in trace {
                local.run(operation)
                reference.run(operation)
                history.append(operation.description)
            }
        }
        both(VirtIOReferenceTests.mapping + driver.setUp())
        for number in 0..<requestCount {
            both(driver.request())
            // QEMU finishes requests in its main loop: look until its used index is where ours is.
            let index = GuestOperation.memoryRead(address: driver.usedRing + 2, size: 2)
            let expected = local.run(index)
            for _ in 0..<2000 where reference.run(index) != expected {}
            for operation in driver.observation {
                let ours = local.run(operation)
                let theirs = reference.run(operation)
                guard ours == theirs else {
                    let difference =
                        zip(ours.utf8, theirs.utf8).enumerated().first { $1.0 != $1.1 }?.offset ?? 0
                    Issue.record(
                        """
                        seed \(seed), request \(number), \(operation), \
                        first difference at digit \(difference): \
                        QEMU \(excerpt(theirs, difference)), we \(excerpt(ours, difference)), \
                        our error \(String(describing: local.device.virtio.lastError))
                        \(history.suffix(24).joined(separator: "\n"))
                        """)
                    return
                }
            }
            if local.device.virtio.isBroken || driver.available % 50 == 49 {
                driver.available = 0
                both([.bytesWrite(address: Self.ring, bytes: [UInt8](repeating: 0, count: 0x4000))])
                both(driver.setUp())
            }
        }
    }

    private func excerpt(_ text: String, _ offset: Int) -> String {
        String(text.dropFirst(max(0, offset - 8)).prefix(40))
    }

    @Test(arguments: 1...6) func correctDriver(seed: Int) throws {
        try run(seed: seed, allowsMistakes: false, requestCount: 60)
    }

    @Test(arguments: 11...18) func driverWithMistakes(seed: Int) throws {
        try run(seed: seed, allowsMistakes: true, requestCount: 60)
    }
}
