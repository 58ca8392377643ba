import Machine

/// The reference's `virtio-blk-pci` with its defaults on `-M pc`: transitional, one queue of 256, two
/// vectors.
package final class VirtIOBlockPCI: VirtIOPCIDevice {
    package let block: VirtIOBlock

    /// - Parameters:
    ///   - sectorCount: capacity in sectors of 512 bytes.
    ///   - identifier: what GET_ID answers; at most 19 bytes are used.
    package init(machine: Machine, sectorCount: Int, identifier: String = "") {
        block = VirtIOBlock(sectorCount: sectorCount, identifier: identifier)
        super.init(
            machine: machine, typeName: "virtio-blk-pci", deviceID: 0x1001, classCode: 0x0100, subsystem: 2,
            backend: block, queueSizes: [VirtIOBlock.queueSize])
    }

    override public func reset() {
        super.reset()
        block.disk.erase()
    }
}
