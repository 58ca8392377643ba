import Devices
import Machine
import Testing

/// What a driver that breaks the rules of the split virtqueue gets: a named error, a device that stands still
/// until it is reset, and DEVICE_NEEDS_RESET for a modern driver. Each bound at its limit and one beyond.
@Suite struct VirtQueueTests {
    private static let ring: UInt64 = 0x20_0000
    private static let header: UInt64 = 0x30_0000

    private func guest(_ operations: [GuestOperation]) -> LocalGuest {
        let guest = LocalGuest()
        for operation in VirtIOReferenceTests.mapping + PlantedBugInputs.setUp + operations {
            guest.run(operation)
        }
        return guest
    }

    private func expectBroken(
        _ operations: [GuestOperation], _ error: VirtQueueError,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let virtio = guest(operations).device.virtio
        #expect(virtio.isBroken, sourceLocation: sourceLocation)
        #expect(virtio.lastError == error, sourceLocation: sourceLocation)
        #expect(virtio.status & VirtIOStatus.needsReset != 0, sourceLocation: sourceLocation)
    }

    private func chain(
        _ length: UInt32, flags: UInt64 = 0, next: UInt64 = 0, address: UInt64 = 0x30_0000
    ) -> [GuestOperation] {
        PlantedBugInputs.descriptor(Self.ring, address, length, flags: flags, next: next)
            + PlantedBugInputs.kick(1)
    }

    @Test func brokenChains() {
        expectBroken(chain(0), .zeroSizedBuffer)
        expectBroken(chain(16, flags: 1, next: 0), .loop)
        expectBroken(chain(16, flags: 1, next: 256), .nextOutOfRange(256))
        // An indirect table of one descriptor, which is empty.
        expectBroken(chain(16, flags: 4), .zeroSizedBuffer)
        expectBroken(chain(8, flags: 4), .indirectTableSize(8))
        expectBroken(chain(16), .request(.missingHeaders))
    }

    @Test func headAtTheLimitAndBeyond() {
        let available = Self.ring + 256 * 16
        func offer(_ head: UInt64) -> [GuestOperation] {
            [
                .memoryWrite(address: available + 4, size: 2, value: head),
                .memoryWrite(address: available + 2, size: 2, value: 1),
                .memoryWrite(address: VirtIOReferenceTests.modernBase + 0x3000, size: 2, value: 0),
            ]
        }
        expectBroken(offer(256), .headOutOfRange(256))
        // Descriptor 255 is empty, which is another mistake than a head that is not there.
        expectBroken(offer(255), .zeroSizedBuffer)
    }

    @Test func deviceWritableBeforeReadable() {
        let first = PlantedBugInputs.descriptor(Self.ring, Self.header, 16, flags: 3, next: 1)
        let second = PlantedBugInputs.descriptor(Self.ring + 16, Self.header, 16, flags: 0, next: 0)
        expectBroken(first + second + PlantedBugInputs.kick(1), .descriptorOrder)
    }

    @Test func resetMakesABrokenDeviceUsable() {
        let guest = guest(chain(0))
        #expect(guest.device.virtio.isBroken)
        let read = PlantedBugInputs.request(1, type: 0, sector: 0, [(0x31_0000, 512, true)])
        for operation in PlantedBugInputs.setUp + read { guest.run(operation) }
        #expect(!guest.device.virtio.isBroken)
        #expect(guest.device.virtio.queues[0].usedIndex == 1)
    }

    @Test(arguments: [0, PlantedBugInputs.lastSector, PlantedBugInputs.lastSector + 1, UInt64.max])
    func lastSectorIsInsideAndTheNextIsNot(sector: UInt64) {
        let status = sector <= PlantedBugInputs.lastSector ? 0 : 1
        let guest = guest(
            [.memoryWrite(address: 0x32_0000, size: 1, value: 0x77)]
                + PlantedBugInputs.request(1, type: 0, sector: sector, [(0x31_0000, 512, true)]))
        #expect(guest.run(.memoryRead(address: 0x32_0000, size: 1)) == "0x\(status)")
    }

    @Test func whatIsWrittenIsReadAgain() {
        let bytes = (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let guest = guest(
            [.bytesWrite(address: 0x31_0000, bytes: bytes)]
                + PlantedBugInputs.request(1, type: 1, sector: 63, [(0x31_0000, 1024, false)])
                + PlantedBugInputs.request(2, type: 0, sector: 63, [(0x33_0000, 1024, true)]))
        #expect(
            guest.run(.bytesRead(address: 0x33_0000, count: 1024))
                == guest.run(.bytesRead(address: 0x31_0000, count: 1024)))
        #expect(guest.run(.memoryRead(address: 0x33_0008, size: 1)) == "0x38")
    }

    @Test func oneNotificationStartsABoundedNumberOfRequests() {
        // Every slot offers the same request, and the index says that 65,535 of them are waiting.
        let available = Self.ring + 256 * 16
        let guest = guest(
            PlantedBugInputs.request(1, type: 4, sector: 0, [])
                + [
                    .memoryWrite(address: available + 2, size: 2, value: 0),
                    .memoryWrite(address: VirtIOReferenceTests.modernBase + 0x3000, size: 2, value: 0),
                ])
        #expect(guest.device.virtio.lastError == .requestBudget)
        #expect(Int(guest.device.virtio.queues[0].usedIndex) <= VirtIOLimits.requestsPerNotification + 1)
    }
}
