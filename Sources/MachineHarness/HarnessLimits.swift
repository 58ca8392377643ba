/// Bounds of everything that an input can make grow. QEMU's numbers where it has them.
package enum HarnessLimits {
    /// Longer inputs are rejected. libFuzzer's own limit for files is the same 1 MiB.
    package static let inputBytes = 1 << 20
    /// Turns of the event loop after an operation (QEMU's MAX_EVENT_LOOPS).
    package static let eventTurns = 10
    /// Bytes that one device read is filled with (QEMU's MAX_DMA_FILL_SIZE).
    package static let fillBytes = 0x10000
    /// Bytes filled for one input (QEMU's MAX_TOTAL_DMA_SIZE).
    package static let fillBytesPerInput = 0x1000_0000
    /// Ranges remembered within one operation to avoid double fetches. QEMU has no such bound; there the cost
    /// of an operation grows with the square of this number.
    package static let filledRangesPerOperation = 4096
    /// Pages of memory behind addresses that nobody else owns.
    package static let sparsePages = 4096
}
