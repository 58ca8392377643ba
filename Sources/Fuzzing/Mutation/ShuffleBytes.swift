/// Reorders up to eight neighbouring bytes.
enum ShuffleBytes {
    private static let maxCount = 8

    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        guard !input.isEmpty else { return false }
        let count = context.random.below(min(input.count, maxCount)) + 1
        let start = context.random.below(input.count - count + 1)
        // Fisher and Yates, from the end.
        for last in stride(from: count - 1, to: 0, by: -1) {
            input.swapAt(start + last, start + context.random.below(last + 1))
        }
        return true
    }
}
