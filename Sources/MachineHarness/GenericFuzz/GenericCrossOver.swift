/// The cross-over of the generic-fuzz format: all of `first`, then "forget the DMA patterns" and "no more PCI
/// configuration", then what fits of `second`. The second input's device activity so comes after the first's,
/// with patterns of its own.
package enum GenericCrossOver {
    private static let joint: [UInt8] =
        OperationReader.separator + [GenericOpcode.clearPatterns.rawValue]
        + OperationReader.separator + [GenericOpcode.disablePCI.rawValue]
        + OperationReader.separator

    /// - Returns: the size of the result in bytes, or 0 when not even one byte of `second` has room.
    package static func combine(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard output.count > first.count, output.count - first.count > joint.count else { return 0 }
        let jointEnd = first.count + joint.count
        let tail = min(second.count, output.count - jointEnd)
        UnsafeMutableRawBufferPointer(rebasing: output[..<first.count]).copyMemory(from: first)
        UnsafeMutableRawBufferPointer(rebasing: output[first.count..<jointEnd]).copyBytes(from: joint)
        UnsafeMutableRawBufferPointer(rebasing: output[jointEnd..<(jointEnd + tail)])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: second[..<tail]))
        return jointEnd + tail
    }
}
