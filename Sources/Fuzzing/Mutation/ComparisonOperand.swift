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
        // One off either way: `<` and `<=` are decided there.
        let offset = UInt64(bitPattern: Int64(context.random.below(3) - 1))
        let place = choosePlace(of: comparison, width: width, in: input, &context)
        let desired = (place.looksForLeft ? comparison.right : comparison.left) &+ offset
        let word = IntegerBytes.bytes(of: desired, width: width, isBigEndian: place.isBigEndian)
        return WordPlacement.place(word, positions: place.positions, in: &input, &context)
    }

    private struct Place {
        var looksForLeft: Bool
        var isBigEndian: Bool
        var positions: [Int]
    }

    /// Which operand is replaced, and in which byte order: one that stands in the input where there is one.
    private static func choosePlace(
        of comparison: Comparison, width: Int, in input: [UInt8], _ context: inout MutationContext
    ) -> Place {
        var places: [Place] = []
        for looksForLeft in [true, false] {
            let existing = looksForLeft ? comparison.left : comparison.right
            for isBigEndian in [false, true] {
                let word = IntegerBytes.bytes(of: existing, width: width, isBigEndian: isBigEndian)
                let positions = InputSearch.positions(of: word, in: input, limit: maxPositions)
                places.append(Place(looksForLeft: looksForLeft, isBigEndian: isBigEndian, positions: positions))
            }
        }
        let found = places.filter { !$0.positions.isEmpty }
        let candidates = found.isEmpty ? places : found
        return candidates[context.random.below(candidates.count)]
    }

    /// One of the mutated entry's comparisons, the first ones more often; or now and then of anybody's lately.
    private static func choose(_ context: inout MutationContext) -> Comparison? {
        let recent = context.recentComparisons.comparisons
        if !context.comparisons.isEmpty && (recent.isEmpty || context.random.below(4) != 0) {
            let among = 1 + context.random.below(context.comparisons.count)
            return context.comparisons[context.random.below(among)]
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
