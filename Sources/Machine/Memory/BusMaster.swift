/// A device's way to guest memory. Every transfer goes through the memory address space (so it may hit
/// registers, also the device's own: those are dropped by `ReentrancyGuard`). Owned by the device.
package final class BusMaster {
    private unowned let machine: Machine
    /// PCI command bit 2. While off, reads give zeros and writes vanish, as behind QEMU's bus-master region.
    package var isEnabled = true

    package init(machine: Machine) { self.machine = machine }

    /// Fills `buffer` from guest memory, telling `Machine.dmaHook` first.
    /// - Returns: false when bus mastering is off or a part of the range is not there.
    @discardableResult
    package func read(address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard isEnabled else {
            for index in 0..<buffer.count { buffer[index] = 0 }
            return false
        }
        machine.dmaHook?(address, buffer.count, false)
        return machine.memory.readBytes(address: address, into: buffer)
    }

    /// Stores `bytes` in guest memory, telling `Machine.dmaHook` first.
    @discardableResult
    package func write(address: UInt64, from bytes: UnsafeRawBufferPointer) -> Bool {
        guard isEnabled else { return false }
        machine.dmaHook?(address, bytes.count, true)
        return machine.memory.writeBytes(address: address, from: bytes)
    }

    /// A little-endian integer; what is not there reads as 0.
    package func load<Value: FixedWidthInteger>(_ type: Value.Type, at address: UInt64) -> Value {
        var value: Value = 0
        withUnsafeMutableBytes(of: &value) { _ = read(address: address, into: $0) }
        return Value(littleEndian: value)
    }

    @discardableResult
    package func store<Value: FixedWidthInteger>(_ value: Value, at address: UInt64) -> Bool {
        withUnsafeBytes(of: value.littleEndian) { write(address: address, from: $0) }
    }
}
