/// Chooses the comparisons worth keeping of all that an execution made.
package enum ComparisonTable {
    /// Kept with each corpus entry.
    package static let maxPerEntry = 64
    /// Looked at in one execution; a loop can record any number.
    private static let maxConsidered = 512

    /// Distinct comparisons of unequal operands, those first whose operand stands in the input.
    package static func select(from recorded: [Comparison], input: [UInt8]) -> [Comparison] {
        var seen: Set<Comparison> = []
        var copies: [Comparison] = []
        var others: [Comparison] = []
        for comparison in recorded {
            guard [1, 2, 4, 8].contains(comparison.sizeBytes), comparison.left != comparison.right,
                seen.insert(comparison).inserted
            else { continue }
            if isCopied(comparison, in: input) {
                copies.append(comparison)
                if copies.count == maxPerEntry { break }
            } else {
                others.append(comparison)
            }
            if seen.count == maxConsidered { break }
        }
        return Array((copies + others).prefix(maxPerEntry))
    }

    private static func isCopied(_ comparison: Comparison, in input: [UInt8]) -> Bool {
        let width = Int(comparison.sizeBytes)
        for value in [comparison.left, comparison.right] {
            for isBigEndian in [false, true] {
                let word = IntegerBytes.bytes(of: value, width: width, isBigEndian: isBigEndian)
                if !InputSearch.positions(of: word, in: input, limit: 1).isEmpty { return true }
            }
        }
        return false
    }
}

/// The comparisons that the latest entries made; the oldest is overwritten.
package struct RecentComparisons: Sendable {
    package static let capacity = 256
    package private(set) var comparisons: [Comparison] = []
    private var next = 0

    package init() {}

    package mutating func append(_ comparison: Comparison) {
        if comparisons.count < Self.capacity {
            comparisons.append(comparison)
        } else {
            comparisons[next] = comparison
            next = (next + 1) % Self.capacity
        }
    }
}
