import Machine

/// The block device behind virtio (VIRTIO 1.2, 5.2): a disk in memory, requests in the order of the queue,
/// each finished before the next is looked at. Owned by its `VirtIODevice`.
package final class VirtIOBlock: VirtIOBackend {
    /// Where the fields of the configuration are (VIRTIO 1.2, 5.2.4).
    private enum Field {
        static let capacity = 0, segmentMaximum = 12, cylinders = 16, heads = 18, sectors = 19
        static let blockSize = 20, minimumIOSize = 26, writeback = 32, queueCount = 34
        static let discardSectors = 36, discardSegments = 40, discardAlignment = 44
        static let zeroesSectors = 48, zeroesSegments = 52, zeroesMayUnmap = 56
    }

    /// Largest discard and write-zeroes request in sectors: the reference's 2 GiB less one sector.
    static let zeroSectorsMaximum: UInt32 = (1 << 22) - 1
    package static let queueSize: UInt16 = 256

    package var disk: BlockDisk
    /// Serial number, as GET_ID returns it.
    private let identifier: [UInt8]
    private var isWriteback = true
    /// Requests taken from the queue and not finished. One at most today; a reset empties it.
    var inFlight: [BlockRequest] = []
    var transferredByteCount = 0

    /// Up to and with the last field that an offered feature defines.
    package let configurationByteCount = 57
    package let features =
        VirtIOBlockFeature.segmentMaximum | VirtIOBlockFeature.geometry | VirtIOBlockFeature.blockSize
        | VirtIOBlockFeature.flush | VirtIOBlockFeature.topology
        | VirtIOBlockFeature.configurableWriteback | VirtIOBlockFeature.discard
        | VirtIOBlockFeature.writeZeroes

    package init(sectorCount: Int, identifier: String = "") {
        disk = BlockDisk(sectorCount: sectorCount)
        self.identifier = Array(identifier.utf8.prefix(BlockRequest.identifierByteCount - 1)) + [0]
    }

    package func loadConfiguration(into bytes: inout [UInt8]) {
        func store(_ value: UInt64, _ offset: Int, _ count: Int) {
            for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (index * 8)) }
        }
        for index in 0..<configurationByteCount { bytes[index] = 0 }
        store(UInt64(disk.sectorCount), Field.capacity, 8)
        store(UInt64(Self.queueSize) - 2, Field.segmentMaximum, 4)
        let heads = 16
        let sectors = 63
        let cylinders = max(2, min(disk.sectorCount / (heads * sectors), 16383))
        store(UInt64(cylinders), Field.cylinders, 2)
        store(UInt64(heads), Field.heads, 1)
        store(UInt64(sectors), Field.sectors, 1)
        store(UInt64(BlockDisk.sectorByteCount), Field.blockSize, 4)
        store(isWriteback ? 1 : 0, Field.writeback, 1)
        store(1, Field.queueCount, 2)
        store(UInt64(Self.zeroSectorsMaximum), Field.discardSectors, 4)
        store(1, Field.discardSegments, 4)
        store(1, Field.discardAlignment, 4)
        store(UInt64(Self.zeroSectorsMaximum), Field.zeroesSectors, 4)
        store(1, Field.zeroesSegments, 4)
        store(1, Field.zeroesMayUnmap, 1)
    }

    /// The cache mode is the only field that a driver may write (VIRTIO 1.2, 5.2.5.2).
    package func storeConfiguration(from bytes: [UInt8]) { isWriteback = bytes[Field.writeback] != 0 }

    package func driverStarted(features: UInt64) {
        if features & VirtIOBlockFeature.configurableWriteback == 0 {
            isWriteback = features & VirtIOBlockFeature.flush != 0
        }
    }

    package func reset() {
        inFlight.removeAll(keepingCapacity: true)
        isWriteback = true
    }

    package func queueNotified(_ index: Int, of device: VirtIODevice) {
        let queue = device.queues[index]
        let memory = device.memory
        transferredByteCount = 0
        var budget = VirtIOLimits.requestsPerNotification
        repeat {
            setWantsNotification(false, queue, device)
            do throws(VirtQueueError) {
                while !device.isDisabled, !device.isBroken,
                    let element = try queue.pop(
                        features: device.negotiatedFeatures, bugs: device.bugs, memory: memory)
                {
                    budget -= 1
                    if budget < 0 || transferredByteCount > VirtIOLimits.bytesPerNotification {
                        throw .requestBudget
                    }
                    try process(element, index, device)
                }
            } catch {
                device.fail(error)
            }
            setWantsNotification(true, queue, device)
        } while !device.isDisabled && !device.isBroken && !queue.isEmpty(memory)
    }

    private func setWantsNotification(_ wanted: Bool, _ queue: VirtQueue, _ device: VirtIODevice) {
        queue.setWantsNotification(
            wanted, eventIndex: device.has(VirtIOFeature.eventIndex), memory: device.memory)
    }

    private func process(
        _ element: VirtQueueElement, _ queueIndex: Int, _ device: VirtIODevice
    ) throws(VirtQueueError) {
        inFlight.append(try BlockRequest.parse(element, memory: device.memory))
        let slot = inFlight.count - 1
        let status = try execute(slot, device)
        // Between here and the queue lies guest memory, behind which may be this device's reset register.
        let statusAddress = inFlight[slot].statusAddress
        withUnsafeBytes(of: status.rawValue) { device.memory.write(statusAddress, from: $0) }
        let finished = inFlight.remove(at: slot)
        device.queues[queueIndex].pushUsed(
            head: finished.head, byteCount: finished.writableByteCount, memory: device.memory)
        device.notifyUsed(queueIndex)
    }

    func identifierBytes() -> [UInt8] { identifier }
}
