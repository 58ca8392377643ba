import Machine

/// QEMU's `virtio-blk-fuzz` and `virtio-blk-flags-fuzz`: buffers on a request queue. An input is a row of
/// actions of 5 bytes (queue, length, device writes, has next, kick), each followed by `length` bytes of the
/// buffer; what is longer than the rest is cut. With `takesFeaturesFromInput` 8 bytes precede: a mask of the
/// feature bits that the driver accepts (0: all but the indirect descriptors, the event index and SCSI).
package final class VirtIOBlockHarness: Harness {
    package let name: String
    package let summary: String
    private static let actionSize = 5
    /// Buffers go round in a window of guest memory, so that no input runs out of it.
    private static let queueAddress: UInt64 = 0x10_0000
    private static let windowAddress: UInt64 = queueAddress + GuestQueue.footprint
    private static let windowSize: UInt64 = 0x10_0000
    /// A multiple of what a length byte can say.
    private static let slotSize: UInt64 = 256
    private static let defaultMask = ~(UInt64(1) << 28 | 1 << 29 | 1 << 7)

    private let machine: Machine
    private let takesFeaturesFromInput: Bool
    private var driver: GuestDriver?
    private var queue: GuestQueue?

    package init(machine: Machine, takesFeaturesFromInput: Bool) {
        self.machine = machine
        self.takesFeaturesFromInput = takesFeaturesFromInput
        name = takesFeaturesFromInput ? "virtio-blk-flags" : "virtio-blk"
        summary =
            takesFeaturesFromInput
            ? "the same, with the feature bits that the driver accepts taken from the input"
            : "requests on a virtio-blk queue that is set up once"
    }

    package func prepare() throws(HarnessError) {
        let functions = machine.devices.compactMap { $0 as? PCIDevice }
        guard let device = functions.first(where: { $0.typeName.hasPrefix("virtio-blk") }) else {
            throw .deviceMissing(harness: name, device: "virtio-blk device")
        }
        guard let driver = GuestDriver(machine: machine, device: device) else {
            throw .deviceRefused(harness: name, step: "no modern virtio transport found")
        }
        driver.start()
        self.driver = driver
        guard !takesFeaturesFromInput else { return }
        queue = makeQueue(driver, mask: 0)
        guard queue != nil else { throw .deviceRefused(harness: name, step: "queue 0 is not available") }
    }

    // libqos would accept every feature that is offered, whatever the mask, by a slip of its own; the mask is
    // meant, so it counts here. The trap bit is never accepted.
    private func makeQueue(_ driver: GuestDriver, mask: UInt64) -> GuestQueue? {
        let wanted = mask == 0 ? Self.defaultMask : mask
        let features = driver.offeredFeatures & wanted & ~GuestDriver.Feature.trap
        driver.accept(features: features)
        let queue = driver.setUpQueue(0, at: Self.queueAddress, features: features)
        driver.setDriverReady()
        return queue
    }

    package func reset() {
        machine.reset()
        // It worked on this very machine before the reboot.
        try? prepare()
    }

    package func run(_ input: UnsafeRawBufferPointer) -> InputVerdict {
        guard input.count <= HarnessLimits.inputBytes, let driver else { return .rejected }
        var start = 0
        // Under `none` the next input goes on with the rings as they are, as QEMU does; the number of the
        // next free descriptor starts anew.
        var current = queue
        if takesFeaturesFromInput {
            guard input.count >= 8 else { return .accepted }
            let mask = UInt64(littleEndian: input.loadUnaligned(as: UInt64.self))
            current = makeQueue(driver, mask: mask)
            start = 8
        }
        guard var queue = current else { return .accepted }
        play(input, from: start, on: &queue)
        machine.completeRequests()
        return .accepted
    }

    private func play(_ input: UnsafeRawBufferPointer, from start: Int, on queue: inout GuestQueue) {
        var offset = start
        var head: UInt32?
        var slot: UInt64 = 0
        while input.count &- offset >= Self.actionSize {
            let (isWrite, hasNext, isKick) = (
                input[offset &+ 2] & 1, input[offset &+ 3] & 1, input[offset &+ 4] & 1
            )
            let wanted = Int(input[offset &+ 1])
            offset &+= Self.actionSize
            let length = min(wanted, input.count &- offset)
            let address = Self.windowAddress &+ slot
            slot = (slot &+ Self.slotSize) % Self.windowSize
            machine.memory.writeBytes(
                address: address, from: UnsafeRawBufferPointer(rebasing: input[offset..<(offset &+ length)]))
            let descriptor = queue.add(
                address: address, length: UInt32(length), isDeviceWritten: isWrite == 1, hasNext: hasNext == 1
            )
            head = head ?? descriptor
            if isKick == 1 {
                queue.kick(head: head ?? 0)
                head = 0
            }
            offset &+= length
        }
        if let head { queue.kick(head: head) }
    }
}
