/// `CMP` with the operands of `memcmp`, `strcmp` and kin: puts one word where the other one stands, or anywhere.
///
/// Source: libFuzzer's table of recent compares of words.
enum ComparedWord {
    /// Places of the other operand that are looked for.
    private static let maxPositions = 8

    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        guard let comparison = choose(&context) else { return false }
        let looksForLeft = context.random.coin()
        let word = looksForLeft ? comparison.right : comparison.left
        let existing = looksForLeft ? comparison.left : comparison.right
        guard !word.isEmpty else { return false }
        return WordPlacement.place(
            word, positions: InputSearch.positions(of: existing, in: input, limit: maxPositions), in: &input, &context)
    }

    /// One of the mutated entry's, or now and then of anybody's lately.
    private static func choose(_ context: inout MutationContext) -> WordComparison? {
        let recent = context.recentWords.comparisons
        if !context.wordComparisons.isEmpty && (recent.isEmpty || context.random.below(4) != 0) {
            return context.wordComparisons[context.random.below(context.wordComparisons.count)]
        }
        return recent.isEmpty ? nil : recent[context.random.below(recent.count)]
    }
}

/// Chooses the compared words worth keeping of all that an execution recorded.
package enum WordComparisonTable {
    /// Kept with each corpus entry.
    package static let maxPerEntry = 16

    /// Distinct pairs of unequal words, those first of which one stands in the input.
    package static func select(from recorded: [WordComparison], input: [UInt8]) -> [WordComparison] {
        var seen: Set<WordComparison> = []
        var copies: [WordComparison] = []
        var others: [WordComparison] = []
        for comparison in recorded where comparison.left != comparison.right && seen.insert(comparison).inserted {
            let isCopied = [comparison.left, comparison.right].contains { word in
                !InputSearch.positions(of: word, in: input, limit: 1).isEmpty
            }
            if isCopied { copies.append(comparison) } else { others.append(comparison) }
        }
        return Array((copies + others).prefix(maxPerEntry))
    }
}

/// The words that the latest entries compared; the oldest pair is overwritten.
package struct RecentWords: Sendable {
    package static let capacity = 64
    package private(set) var comparisons: [WordComparison] = []
    private var next = 0

    package init() {}

    package mutating func append(_ comparison: WordComparison) {
        if comparisons.count < Self.capacity {
            comparisons.append(comparison)
        } else {
            comparisons[next] = comparison
            next = (next + 1) % Self.capacity
        }
    }
}
