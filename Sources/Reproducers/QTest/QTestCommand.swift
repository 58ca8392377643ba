/// One command of QEMU's qtest protocol, as far as an input can come to it (QEMU: system/qtest.c). Sizes and counts are in
/// bytes, sizes one of 1, 2, 4 and 8; values are cut to their size.
package enum QTestCommand: Equatable, Sendable {
    case portRead(size: Int, address: UInt16)
    case portWrite(size: Int, address: UInt16, value: UInt32)
    case memoryRead(size: Int, address: UInt64)
    case memoryWrite(size: Int, address: UInt64, value: UInt64)
    case bytesRead(address: UInt64, count: Int)
    case bytesWrite(address: UInt64, bytes: [UInt8])
    case fill(address: UInt64, count: Int, byte: UInt8)
    /// `nil`: to the next deadline.
    case clockStep(nanoseconds: Int64?)
    case clockSet(nanoseconds: Int64)

    /// The line of the protocol, as QEMU's client writes it.
    package var text: String {
        switch self {
        case .portRead(let size, let address): "in\(Self.suffix(size)) \(hex(address))"
        case .portWrite(let size, let address, let value): "out\(Self.suffix(size)) \(hex(address)) \(hex(value))"
        case .memoryRead(let size, let address): "read\(Self.suffix(size)) \(hex(address))"
        case .memoryWrite(let size, let address, let value): "write\(Self.suffix(size)) \(hex(address)) \(hex(value))"
        case .bytesRead(let address, let count): "read \(hex(address)) \(hex(count))"
        case .bytesWrite(let address, let bytes): "write \(hex(address)) \(hex(bytes.count)) 0x\(hexDigits(bytes))"
        case .fill(let address, let count, let byte): "memset \(hex(address)) \(hex(count)) \(hex(byte))"
        case .clockStep(nil): "clock_step"
        case .clockStep(let nanoseconds?): "clock_step \(nanoseconds)"
        case .clockSet(let nanoseconds): "clock_set \(nanoseconds)"
        }
    }

    /// What is stored in memory, if the command stores.
    package var stored: (address: UInt64, bytes: [UInt8])? {
        switch self {
        case .memoryWrite(let size, let address, let value):
            (address, (0..<size).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) })
        case .bytesWrite(let address, let bytes): (address, bytes)
        case .fill(let address, let count, let byte): (address, [UInt8](repeating: byte, count: count))
        default: nil
        }
    }

    /// Accesses of 1, 2, 4 or 8 bytes in one form, whichever command made them.
    package var normalised: QTestCommand {
        switch self {
        case .bytesRead(let address, let count) where Self.sizes.contains(count):
            return .memoryRead(size: count, address: address)
        case .bytesWrite, .fill:
            guard let (address, bytes) = stored, Self.sizes.contains(bytes.count) else { return self }
            let value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return .memoryWrite(size: bytes.count, address: address, value: value)
        default: return self
        }
    }

    static let sizes = [1, 2, 4, 8]

    static func suffix(_ size: Int) -> String {
        switch size {
        case 1: "b"
        case 2: "w"
        case 4: "l"
        default: "q"
        }
    }
}
