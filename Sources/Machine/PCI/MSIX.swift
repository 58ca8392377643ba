/// MSI-X of one function: vector table, pending bits, masking (PCI Local Bus 3.0, 6.8.2). The table and the
/// pending bits are subregions of a memory BAR. Owned by the `PCIDevice`.
package final class MSIX: MemoryRegionOps {
    private static let entrySize = 16
    private unowned let device: PCIDevice
    package let vectorCount: Int
    package let capabilityOffset: Int
    private var table: [UInt8]
    private var pending: [UInt8]
    private var wasFunctionMasked = true
    private let lacksTableCheck: Bool
    private let keepsTableAtReset: Bool

    private enum Tag { static let table = 0, pending = 1 }

    init(
        device: PCIDevice, vectorCount: Int, bar: Int, barRegion: MemoryRegion, tableOffset: UInt64,
        pendingOffset: UInt64, capabilityOffset: Int?
    ) {
        precondition((1...2048).contains(vectorCount), "MSI-X has 1 to 2048 vectors")
        self.device = device
        self.vectorCount = vectorCount
        table = Array(repeating: 0, count: vectorCount * Self.entrySize)
        pending = Array(repeating: 0, count: (vectorCount + 63) / 64 * 8)
        self.capabilityOffset = device.addCapability(id: 0x11, length: 12, at: capabilityOffset)
        let rules = AccessRules(valid: 4...8, implemented: 4...4)
        // The planted bug: a region as large as the place in the BAR, and nobody compares with the table.
        lacksTableCheck = device.machine.plantedBugs.contains(.msixTableOffset)
        keepsTableAtReset = device.machine.plantedBugs.contains(.resetMSIXTable)
        let tableByteCount = lacksTableCheck ? pendingOffset - tableOffset : UInt64(table.count)
        let tableRegion = MemoryRegion(
            name: "msix-table", ownerName: device.typeName, size: tableByteCount, kind: .io(self),
            tag: Tag.table, access: rules, guardian: device.reentrancyGuard)
        let pendingRegion = MemoryRegion(
            name: "msix-pba", ownerName: device.typeName, size: UInt64(pending.count), kind: .io(self),
            tag: Tag.pending, access: rules, guardian: device.reentrancyGuard)
        barRegion.add(tableRegion, at: tableOffset)
        barRegion.add(pendingRegion, at: pendingOffset)
        describe(bar: bar, tableOffset: tableOffset, pendingOffset: pendingOffset)
        reset()
    }

    private func describe(bar: Int, tableOffset: UInt64, pendingOffset: UInt64) {
        device.store16(capabilityOffset + 2, UInt16(vectorCount - 1))
        for (position, offset) in [(4, tableOffset), (8, pendingOffset)] {
            let word = UInt32(truncatingIfNeeded: offset) | UInt32(bar)
            device.store16(capabilityOffset + position, UInt16(truncatingIfNeeded: word))
            device.store16(capabilityOffset + position + 2, UInt16(truncatingIfNeeded: word >> 16))
        }
        device.writeMask[capabilityOffset + 3] = 0xc0
    }

    package var isEnabled: Bool { device.configuration[capabilityOffset + 3] & 0x80 != 0 }
    private var isFunctionMasked: Bool { device.configuration[capabilityOffset + 3] & 0x40 != 0 }

    /// Sends the vector's message, or remembers it while masked. Vectors that are not there are ignored.
    package func notify(vector: Int) {
        guard isEnabled, (0..<vectorCount).contains(vector) else { return }
        if isFunctionMasked || isMasked(vector) {
            pending[vector / 8] |= 1 << UInt8(vector % 8)
            return
        }
        let base = vector * Self.entrySize
        let address = load(table, base, 8)
        let data = UInt32(truncatingIfNeeded: load(table, base + 8, 4))
        device.dma.store(data, at: address)
    }

    /// Forgets a pending message: the device no longer uses the vector.
    package func clearPending(vector: Int) {
        guard (0..<vectorCount).contains(vector) else { return }
        pending[vector / 8] &= ~(1 << UInt8(vector % 8))
    }

    private func isMasked(_ vector: Int) -> Bool { table[vector * Self.entrySize + 12] & 1 != 0 }

    /// After a write to configuration space: unmasking the function sends what was pending.
    func configurationWritten() {
        let masked = !isEnabled || isFunctionMasked
        defer { wasFunctionMasked = masked }
        if wasFunctionMasked && !masked { for vector in 0..<vectorCount { sendPending(vector) } }
    }

    private func sendPending(_ vector: Int) {
        let bit: UInt8 = 1 << UInt8(vector % 8)
        guard pending[vector / 8] & bit != 0, !isMasked(vector), isEnabled, !isFunctionMasked else { return }
        pending[vector / 8] &= ~bit
        notify(vector: vector)
    }

    func reset() {
        device.setConfiguration(capabilityOffset + 3, device.configuration[capabilityOffset + 3] & 0x3f)
        for index in table.indices where !keepsTableAtReset { table[index] = 0 }
        for index in pending.indices { pending[index] = 0 }
        for vector in 0..<vectorCount { table[vector * Self.entrySize + 12] = 1 }
        wasFunctionMasked = true
    }

    package func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        let bytes = tag == Tag.table ? table : pending
        guard offset < UInt64(bytes.count) || lacksTableCheck else { return 0 }
        return load(bytes, Int(offset), size)
    }

    package func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        guard tag == Tag.table, offset < UInt64(table.count) || lacksTableCheck else { return }
        for position in 0..<size where Int(offset) + position < table.count || lacksTableCheck {
            table[Int(offset) + position] = UInt8(truncatingIfNeeded: value &>> UInt64(position &* 8))
        }
        sendPending(Int(offset) / Self.entrySize)
    }

    private func load(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> UInt64 {
        var value: UInt64 = 0
        for position in 0..<size where offset + position < bytes.count || lacksTableCheck {
            value |= UInt64(bytes[offset + position]) &<< UInt64(position &* 8)
        }
        return value
    }
}
