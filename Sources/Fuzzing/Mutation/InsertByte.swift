/// Puts one byte somewhere.
enum InsertByte {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        guard input.count < context.maxSizeBytes else { return false }
        let position = context.random.below(input.count + 1)
        input.insert(context.interestingByte(), at: position)
        return true
    }
}
