/// One operation of a generic-fuzz input, decoded. `base` and `offset` choose a place among the matched
/// regions; sizes are in bytes.
package enum GenericOperation: Equatable, Sendable {
    case portRead(size: Int, base: UInt8, offset: UInt16)
    case portWrite(size: Int, base: UInt8, offset: UInt16, value: UInt32)
    case memoryRead(size: Int, base: UInt8, offset: UInt32)
    case memoryWrite(size: Int, base: UInt8, offset: UInt32, value: UInt64)
    case configurationRead(size: Int, base: UInt8, offset: UInt8)
    case configurationWrite(size: Int, base: UInt8, offset: UInt8, value: UInt32)
    case disablePCI
    case addPattern(DMAPattern)
    case clearPatterns
    case clockStep
    /// The operands were too short: nothing happens, but pending events are still run.
    case tooShort
}

/// First bytes of operations, modulo their number. The order is the file format.
package enum GenericOpcode: UInt8, CaseIterable, Sendable {
    case portRead, portWrite, memoryRead, memoryWrite, configurationRead, configurationWrite
    case disablePCI, addPattern, clearPatterns, clockStep
}

/// Bytes that guest memory is filled with before a device reads it: `bytes` over and over, the one at `index`
/// increased by `stride` more each time. The bytes stay in the input.
package struct DMAPattern: Equatable, Sendable {
    package var index: Int
    package var stride: UInt8
    /// Where the bytes lie in the input; never empty.
    package var bytes: Range<Int>

    package init(index: Int, stride: UInt8, bytes: Range<Int>) {
        self.index = index
        self.stride = stride
        self.bytes = bytes
    }

    /// Fills `target` from the pattern's start. `index` lies inside the pattern.
    package func render(from input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
        var position = 0
        var sum: UInt8 = 0
        for target in target.indices.lazy.map({ target.baseAddress.unsafelyUnwrapped + $0 }) {
            var byte = input[bytes.lowerBound &+ position]
            if position == index {
                byte &+= sum
                sum &+= stride
            }
            target.storeBytes(of: byte, as: UInt8.self)
            position = position &+ 1 == bytes.count ? 0 : position &+ 1
        }
    }
}
