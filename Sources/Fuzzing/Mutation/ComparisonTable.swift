/// Chooses the comparisons worth keeping of all that an execution made.
package enum ComparisonTable {
    /// Kept with each corpus entry.
    package static let maxPerEntry = 64
    /// Looked at in one execution; a loop can record any number.
    private static let maxConsidered = 512

    /// Distinct comparisons of unequal operands. Those come first of which most bytes stand in the input: eight bytes in
    /// a row are hardly there by chance, a single zero is always.
    package static func select(from recorded: [Comparison], input: [UInt8]) -> [Comparison] {
        var seen: Set<Comparison> = []
        var considered: [(comparison: Comparison, copiedByteCount: Int)] = []
        for comparison in recorded {
            guard [1, 2, 4, 8].contains(comparison.sizeBytes), comparison.left != comparison.right,
                seen.insert(comparison).inserted
            else { continue }
            considered.append((comparison, copiedByteCount(comparison, in: input)))
            if seen.count == maxConsidered { break }
        }
        // By position where the count is the same: the standard library does not promise a stable sort.
        let order = considered.indices.sorted {
            (considered[$1].copiedByteCount, $0) < (considered[$0].copiedByteCount, $1)
        }
        return order.prefix(maxPerEntry).map { considered[$0].comparison }
    }

    /// Bytes of the operand, without leading zeros, that stands in the input; the larger number of the two operands.
    private static func copiedByteCount(_ comparison: Comparison, in input: [UInt8]) -> Int {
        let width = Int(comparison.sizeBytes)
        var count = 0
        for value in [comparison.left, comparison.right] {
            let significant = max(1, (71 - value.leadingZeroBitCount) / 8)
            guard significant > count else { continue }
            for isBigEndian in [false, true] {
                let word = IntegerBytes.bytes(of: value, width: width, isBigEndian: isBigEndian)
                if !InputSearch.positions(of: word, in: input, limit: 1).isEmpty { count = significant }
            }
        }
        return count
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
