/// Takes 1, 2, 4 or 8 bytes as an integer of either byte order and adds a little, negates it, or puts the
/// input's size there.
enum ChangeBinInt {
    /// Sizes are put near the start only: that is where headers are.
    private static let maxSizeFieldOffset = 64

    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        let width = 1 << context.random.below(4)
        guard input.count >= width else { return false }
        let offset = context.random.below(input.count - width + 1)
        let isBigEndian = context.random.coin()
        var value: UInt64
        if offset < maxSizeFieldOffset && context.random.below(4) == 0 {
            value = UInt64(input.count)
        } else {
            value = IntegerBytes.load(from: input, at: offset, width: width, isBigEndian: isBigEndian)
            let addend = context.random.below(21) - 10
            value = value &+ UInt64(bitPattern: Int64(addend))
            if addend == 0 || context.random.coin() { value = 0 &- value }
        }
        IntegerBytes.store(value, to: &input, at: offset, width: width, isBigEndian: isBigEndian)
        return true
    }
}

/// Integers of 1 to 8 bytes inside an input.
enum IntegerBytes {
    static func load(from input: [UInt8], at offset: Int, width: Int, isBigEndian: Bool) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<width {
            let position = isBigEndian ? offset + index : offset + width - 1 - index
            value = value << 8 | UInt64(input[position])
        }
        return value
    }

    static func store(_ value: UInt64, to input: inout [UInt8], at offset: Int, width: Int, isBigEndian: Bool)
    {
        for index in 0..<width {
            let position = isBigEndian ? offset + width - 1 - index : offset + index
            input[position] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
    }

    /// All bits of an integer of `width` bytes.
    static func mask(width: Int) -> UInt64 { width == 8 ? .max : (1 << UInt64(8 * width)) - 1 }

    /// The low `width` bytes of `value`.
    static func bytes(of value: UInt64, width: Int, isBigEndian: Bool) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: width)
        store(value, to: &bytes, at: 0, width: width, isBigEndian: isBigEndian)
        return bytes
    }
}
