/// Flips one bit.
enum ChangeBit {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        guard !input.isEmpty else { return false }
        let position = context.random.below(input.count)
        input[position] ^= 1 << UInt8(context.random.below(8))
        return true
    }
}
