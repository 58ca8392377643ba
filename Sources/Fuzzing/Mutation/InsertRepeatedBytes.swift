/// Puts 3 to 128 equal bytes somewhere; half of the time they are all zeros or all ones.
enum InsertRepeatedBytes {
    private static let minCount = 3
    private static let maxCount = 128

    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        let room = context.maxSizeBytes - input.count
        guard room >= minCount else { return false }
        let count = minCount + context.random.below(min(room, maxCount) - minCount + 1)
        let position = context.random.below(input.count + 1)
        let byte = context.random.coin() ? context.random.byte() : (context.random.coin() ? 0x00 : 0xFF)
        input.insert(contentsOf: repeatElement(byte, count: count), at: position)
        return true
    }
}
