/// Copies a part of the input over, or between, other bytes of it.
enum CopyPart {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        guard !input.isEmpty else { return false }
        let source = input
        if input.count >= context.maxSizeBytes || context.random.coin() {
            Part.overwrite(from: source, in: &input, &context)
            return true
        }
        return Part.insert(from: source, into: &input, &context)
    }
}

/// A random part of one input put into another; shared by `CopyPart` and `CrossOver`.
enum Part {
    /// Overwrites; the size stays. Neither may be empty.
    static func overwrite(from source: [UInt8], in target: inout [UInt8], _ context: inout MutationContext) {
        let start = context.random.below(target.count)
        let count = min(context.random.below(target.count - start) + 1, source.count)
        let sourceStart = context.random.below(source.count - count + 1)
        for index in 0..<count {
            target[start + index] = source[sourceStart + index]
        }
    }

    /// Inserts as much as fits; false when nothing does.
    static func insert(
        from source: [UInt8], into target: inout [UInt8], _ context: inout MutationContext
    ) -> Bool {
        let room = context.maxSizeBytes - target.count
        guard room > 0, !source.isEmpty else { return false }
        let count = context.random.below(min(room, source.count)) + 1
        let sourceStart = context.random.below(source.count - count + 1)
        let position = context.random.below(target.count + 1)
        target.insert(contentsOf: source[sourceStart..<sourceStart + count], at: position)
        return true
    }
}
