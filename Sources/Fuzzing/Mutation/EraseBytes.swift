/// Removes a stretch of at most half the input.
enum EraseBytes {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        guard input.count > 1 else { return false }
        let count = context.random.below(input.count / 2) + 1
        let start = context.random.below(input.count - count + 1)
        input.removeSubrange(start..<start + count)
        return true
    }
}
