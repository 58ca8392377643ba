/// `CMP`: puts one operand of a comparison that the target executed where the other one stands in the input.
///
/// Source: libFuzzer's table of recent compares; the idea that operands are often copies of input bytes is
/// Aschermann et al., "REDQUEEN: Fuzzing with Input-to-State Correspondence", NDSS 2019.
enum ComparisonOperand {
    /// Places of the other operand that are looked for.
    private static let maxPositions = 8

    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        let hasNumbers = !context.comparisons.isEmpty || !context.recentComparisons.comparisons.isEmpty
        let hasWords = !context.wordComparisons.isEmpty || !context.recentWords.comparisons.isEmpty
        if hasWords && (!hasNumbers || context.random.coin()) { return ComparedWord.apply(to: &input, &context) }
        guard let comparison = choose(&context) else { return false }
        var width = Int(comparison.sizeBytes)
        // Targets compare wider than they read: an operand that fits a narrower field may have come from one.
        while width > 1 && context.random.coin()
            && max(comparison.left, comparison.right) >> UInt64(4 * width) == 0
        {
            width /= 2
        }
        let isBigEndian = context.random.coin()
        let looksForLeft = context.random.coin()
        let existing = looksForLeft ? comparison.left : comparison.right
        // One off either way: `<` and `<=` are decided there.
        let offset = UInt64(bitPattern: Int64(context.random.below(3) - 1))
        let desired = (looksForLeft ? comparison.right : comparison.left) &+ offset
        let positions = InputSearch.positions(
            of: IntegerBytes.bytes(of: existing, width: width, isBigEndian: isBigEndian), in: input,
            limit: maxPositions)
        let word = IntegerBytes.bytes(of: desired, width: width, isBigEndian: isBigEndian)
        return WordPlacement.place(word, positions: positions, in: &input, &context)
    }

    /// One of the mutated entry's comparisons, or now and then of anybody's lately.
    private static func choose(_ context: inout MutationContext) -> Comparison? {
        let recent = context.recentComparisons.comparisons
        if !context.comparisons.isEmpty && (recent.isEmpty || context.random.below(4) != 0) {
            return context.comparisons[context.random.below(context.comparisons.count)]
        }
        return recent.isEmpty ? nil : recent[context.random.below(recent.count)]
    }
}

/// Looks for bytes in an input.
enum InputSearch {
    static func positions(of word: [UInt8], in input: [UInt8], limit: Int) -> [Int] {
        guard let first = word.first, word.count <= input.count else { return [] }
        var found: [Int] = []
        input.withUnsafeBufferPointer { input in
            var start = 0
            while start <= input.count - word.count && found.count < limit {
                if input[start] == first {
                    var matched = 1
                    while matched < word.count && input[start + matched] == word[matched] { matched += 1 }
                    if matched == word.count { found.append(start) }
                }
                start += 1
            }
        }
        return found
    }
}
