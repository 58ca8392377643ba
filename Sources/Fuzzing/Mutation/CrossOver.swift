/// Combines the input with another corpus entry: interleaved, a part inserted, or a part copied over.
enum CrossOver {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        let partner = context.crossOverPartner
        guard !input.isEmpty, !partner.isEmpty else { return false }
        switch context.random.below(3) {
        case 0:
            input = interleave(input, partner, &context)
        case 1:
            if !Part.insert(from: partner, into: &input, &context) {
                Part.overwrite(from: partner, in: &input, &context)
            }
        default:
            Part.overwrite(from: partner, in: &input, &context)
        }
        return true
    }

    /// Stretches of random length from either in turn, up to a random size.
    private static func interleave(
        _ first: [UInt8], _ second: [UInt8], _ context: inout MutationContext
    ) -> [UInt8] {
        let maxCount = context.random.below(context.maxSizeBytes) + 1
        var result: [UInt8] = []
        result.reserveCapacity(min(maxCount, first.count + second.count))
        var firstPosition = 0
        var secondPosition = 0
        var usesFirst = true
        while result.count < maxCount && (firstPosition < first.count || secondPosition < second.count) {
            let position = usesFirst ? firstPosition : secondPosition
            let left = (usesFirst ? first.count : second.count) - position
            if left > 0 {
                let count = context.random.below(min(left, maxCount - result.count)) + 1
                if usesFirst {
                    result.append(contentsOf: first[position..<position + count])
                    firstPosition += count
                } else {
                    result.append(contentsOf: second[position..<position + count])
                    secondPosition += count
                }
            }
            usesFirst.toggle()
        }
        return result
    }
}
