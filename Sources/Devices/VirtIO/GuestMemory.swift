/// Guest memory as a bus-mastering device sees it. The transport implements it on the machine's DMA; unit
/// tests implement it on an array. An access can reach a device, this one too, so that a caller must not
/// keep anything that its own registers can change across a call.
package protocol GuestMemory: AnyObject {
    /// Reads `buffer.count` bytes from guest physical `address`.
    func read(_ address: UInt64, into buffer: UnsafeMutableRawBufferPointer)

    /// Writes `buffer` to guest physical `address`.
    func write(_ address: UInt64, from buffer: UnsafeRawBufferPointer)

    /// The bytes, at most `length`, that are contiguous RAM from `address` on; 0 if there is none.
    func contiguousRAM(at address: UInt64, length: UInt64) -> UInt64
}

extension GuestMemory {
    /// Reads a little-endian 16-bit value. VIRTIO 1.x structures are little-endian (1.2, 2.7.1); the legacy
    /// ones have the guest's byte order, which is the same on a PC.
    @inline(__always)
    package func load16(_ address: UInt64) -> UInt16 {
        var value: UInt16 = 0
        withUnsafeMutableBytes(of: &value) { read(address, into: $0) }
        return UInt16(littleEndian: value)
    }

    /// Writes a little-endian 16-bit value.
    @inline(__always)
    package func store16(_ value: UInt16, _ address: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { write(address, from: $0) }
    }

    /// Writes a little-endian 64-bit value.
    @inline(__always)
    package func store64(_ value: UInt64, _ address: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { write(address, from: $0) }
    }
}
