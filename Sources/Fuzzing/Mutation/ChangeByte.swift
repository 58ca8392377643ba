/// Overwrites one byte.
enum ChangeByte {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        guard !input.isEmpty else { return false }
        let position = context.random.below(input.count)
        input[position] = context.interestingByte()
        return true
    }
}
