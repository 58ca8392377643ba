/// The device side of an `io` region. The address space calls it with sizes that the region's
/// `AccessRules.implementedSizes` allow and with any offset that an input can produce, so an
/// implementation must answer every offset by value: it may even lie past the region's end when a wide
/// access starts near it (as in QEMU, where accesses are not clamped to the region).
package protocol MemoryRegionOps: AnyObject {
    /// `tag` is the one the region was created with: a device with several regions tells them apart by it.
    func read(tag: Int, offset: UInt64, size: Int) -> UInt64
    func write(tag: Int, offset: UInt64, size: Int, value: UInt64)
}

/// Which accesses a region accepts and which its device implements; the address space makes the one
/// from the other. The same four numbers and two flags as QEMU's `.valid` and `.impl`
/// (docs/devel/memory.rst, "MMIO Operations"). Sizes are in bytes.
package struct AccessRules: Sendable, Equatable {
    /// Smallest and largest size the guest may use; anything else reads as 0 and is ignored on writes.
    package var validMinimum: Int
    package var validMaximum: Int
    /// Largest size into which a bulk transfer is cut.
    package var splitMaximum: Int
    package var implementedMinimum: Int
    package var implementedMaximum: Int
    /// Whether the guest may use an address that is not a multiple of the size.
    package var acceptsUnaligned: Bool
    /// Whether a bulk transfer may keep its size at an unaligned address.
    package var implementsUnaligned: Bool

    /// QEMU's defaults: every size is accepted, the device sees 1 to 4 bytes.
    package static let standard = AccessRules()

    /// - Parameters: pass `valid: nil` for "no restriction" as QEMU's `.valid.max_access_size = 0`.
    package init(
        valid: ClosedRange<Int>? = nil, implemented: ClosedRange<Int> = 1...4,
        acceptsUnaligned: Bool? = nil, implementsUnaligned: Bool = false
    ) {
        validMinimum = valid?.lowerBound ?? 1
        validMaximum = valid?.upperBound ?? 8
        splitMaximum = valid?.upperBound ?? 4
        implementedMinimum = implemented.lowerBound
        implementedMaximum = implemented.upperBound
        self.acceptsUnaligned = acceptsUnaligned ?? false
        self.implementsUnaligned = implementsUnaligned
    }

    /// Whether the guest's access reaches the device at all.
    @inline(__always)
    package func accepts(offset: UInt64, size: Int) -> Bool {
        if !acceptsUnaligned && offset & UInt64(truncatingIfNeeded: size &- 1) != 0 { return false }
        return size >= validMinimum && size <= validMaximum
    }

    /// The size of the next piece of a transfer of `remaining` bytes that stands at `offset`.
    @inline(__always)
    package func pieceSize(offset: UInt64, remaining: Int) -> Int {
        var limit = splitMaximum
        if !implementsUnaligned && offset != 0 {
            let alignment = offset & (0 &- offset)
            if alignment < UInt64(limit) { limit = Int(alignment) }
        }
        let bounded = max(1, min(remaining, limit))
        return 1 << (Int.bitWidth - 1 - bounded.leadingZeroBitCount)
    }
}

/// Marks that a device is inside one of its own callbacks. A device whose DMA hits its own registers finds
/// the mark and the access is dropped, which bounds recursion by the number of devices
/// (QEMU's `MemReentrancyGuard`). Shared by a device's regions.
package final class ReentrancyGuard {
    package var isEngaged = false
    package init() {}
}
