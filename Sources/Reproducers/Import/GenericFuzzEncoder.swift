/// Bytes of the generic-fuzz format (docs/generic-fuzz-format.md). `base` and `offset` are operands; whoever encodes knows where
/// they lead.
enum GenericFuzzEncoder {
    static let separator: [UInt8] = Array("FUZZ".utf8)
    static let disablePCI: [UInt8] = [6]
    static let clearPatterns: [UInt8] = [8]
    static let clockStep: [UInt8] = [9]

    static func portRead(size: Int, base: UInt8, offset: UInt16) -> [UInt8] {
        [0, code(size), base] + little(UInt64(offset), 2)
    }

    static func portWrite(size: Int, base: UInt8, offset: UInt16, value: UInt32) -> [UInt8] {
        [1, code(size), base] + little(UInt64(offset), 2) + little(UInt64(value), 4)
    }

    static func memoryRead(size: Int, base: UInt8, offset: UInt32) -> [UInt8] {
        [2, code(size), base, 0, 0] + little(UInt64(offset), 4)
    }

    static func memoryWrite(size: Int, base: UInt8, offset: UInt32, value: UInt64) -> [UInt8] {
        [3, code(size), base, 0, 0] + little(UInt64(offset), 4) + little(value, 8)
    }

    static func configurationRead(size: Int, base: UInt8, offset: UInt8) -> [UInt8] { [4, code(size), base, offset] }

    static func configurationWrite(size: Int, base: UInt8, offset: UInt8, value: UInt32) -> [UInt8] {
        [5, code(size), base, offset, 0] + little(UInt64(value), 4)
    }

    /// - Parameter bytes: not empty; repeated as they are.
    static func pattern(_ bytes: [UInt8]) -> [UInt8] { [7, 0, 0] + bytes }

    /// One input; `nil` where an operation holds the separator, which the format cannot say.
    static func input(_ operations: [[UInt8]]) -> [UInt8]? {
        for operation in operations where contains(operation) { return nil }
        return Array(operations.joined(separator: separator))
    }

    private static func contains(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= separator.count else { return false }
        return (0...(bytes.count - separator.count)).contains { bytes[$0..<($0 + separator.count)].elementsEqual(separator) }
    }

    private static func code(_ size: Int) -> UInt8 { UInt8(size.trailingZeroBitCount) }
    private static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
}
