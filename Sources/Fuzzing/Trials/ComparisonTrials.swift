/// Makes the list of changes that are tried systematically with one input, from what it was seen to compare.
///
/// First the other operand of each comparison in place of the one that stands in the input (input-to-state correspondence); then, in the
/// fields found so: the limits of their width, words of the user's dictionary, and what stands in other fields. Pure: one list for
/// one input. The best known places come first: what stands in the input once is hardly there by chance.
package struct ComparisonTrials {
    /// Trials of one input, at most.
    package static let maxCount = 2048
    /// An operand that stands in more places is not looked at: it is there by chance.
    private static let maxPlaces = 16
    /// Fields and their values that are tried with each other, at most.
    private static let maxFields = 64
    private static let maxExchangedValues = 24

    private struct Ranked {
        var trial: ComparisonTrial
        /// Lower is earlier.
        var rank: Int
    }

    private struct Pair: Hashable {
        var existing: UInt64
        var wanted: UInt64
        var width: Int
    }

    private let input: [UInt8]
    private let positions: BytePositions
    private var ranked: [Ranked] = []
    private var known: Set<ComparisonTrial> = []
    private var pairs: Set<Pair> = []
    /// Fields in the order in which they were found, with the number of places that their operand has.
    private var fields: [ComparedField: Int] = [:]
    private var fieldOrder: [ComparedField] = []

    private init(_ input: [UInt8]) {
        self.input = input
        positions = BytePositions(input)
    }

    /// The trials in the order in which they are to run.
    package static func list(
        for input: [UInt8], comparisons: [Comparison], words: [WordComparison], dictionary: [[UInt8]]
    ) -> [ComparisonTrial] {
        var trials = ComparisonTrials(input)
        for comparison in comparisons where [1, 2, 4, 8].contains(comparison.sizeBytes) { trials.add(comparison) }
        for comparison in words { trials.add(comparison) }
        let direct = trials.takeRanked(atMost: maxCount)
        trials.addFieldValues(dictionary)
        return direct + trials.takeRanked(atMost: maxCount - direct.count)
    }

    // MARK: Operands

    private mutating func add(_ comparison: Comparison) {
        let size = Int(comparison.sizeBytes)
        for (existing, desired) in [(comparison.left, comparison.right), (comparison.right, comparison.left)] {
            for encoding in OperandEncoding.all {
                // One byte that is one off, or in other units, is anywhere.
                if size < 4 && (encoding.shift != 0 || encoding.addend != 0) { continue }
                guard let encoded = encoding.encoded(existing) else { continue }
                add(encoded, encoding.wanted(desired), size: size, isExact: encoding.shift == 0 && encoding.addend == 0)
            }
        }
    }

    /// Looks for `existing` in every width that holds both.
    private mutating func add(_ existing: UInt64, _ wanted: UInt64, size: Int, isExact: Bool) {
        var width = size
        while true {
            let mask = width == 8 ? UInt64.max : (1 << UInt64(8 * width)) - 1
            guard existing & ~mask == 0 || width == size else { return }
            add(Pair(existing: existing & mask, wanted: wanted & mask, width: width), isExact: isExact)
            // Targets compare wider than they read: an operand that fits a narrower field may have come from one.
            width /= 2
            if width < 2 || (existing | wanted) >> UInt64(8 * width) != 0 { return }
        }
    }

    private mutating func add(_ pair: Pair, isExact: Bool) {
        guard pair.existing != pair.wanted, pairs.insert(pair).inserted else { return }
        for isBigEndian in pair.width == 1 ? [false] : [false, true] {
            let places = positions.places(
                of: pair.existing, width: pair.width, isBigEndian: isBigEndian, limit: Self.maxPlaces)
            for offset in places {
                let field = ComparedField(offset: offset, width: pair.width, isBigEndian: isBigEndian)
                note(field, places: places.count)
                // `<` and `<=` are decided one beside the operand.
                for addend: Int64 in isExact && pair.width > 1 ? [0, -1, 1] : [0] {
                    let value = pair.wanted &+ UInt64(bitPattern: addend)
                    add(field.trial(value), rank: rank(places: places.count, width: pair.width) + (addend == 0 ? 0 : 1))
                }
            }
        }
    }

    private mutating func add(_ comparison: WordComparison) {
        for (existing, desired) in [(comparison.left, comparison.right), (comparison.right, comparison.left)]
        where !existing.isEmpty && !desired.isEmpty {
            let places = positions.places(of: existing, limit: Self.maxPlaces)
            for offset in places where offset + desired.count <= input.count {
                add(ComparisonTrial(offset: offset, bytes: desired), rank: rank(places: places.count, width: existing.count))
            }
        }
    }

    private mutating func note(_ field: ComparedField, places: Int) {
        guard field.width > 1 else { return }
        if fields[field] == nil { fieldOrder.append(field) }
        fields[field] = min(places, fields[field] ?? places)
    }

    // MARK: Fields

    /// Values that no comparison named, for the fields that comparisons did.
    private mutating func addFieldValues(_ dictionary: [[UInt8]]) {
        let chosen = bestFields()
        for field in chosen {
            let mask = field.width == 8 ? UInt64.max : (1 << UInt64(8 * field.width)) - 1
            let top = (mask >> 1) + 1
            for value in [mask, 0, top, top - 1] { add(field.trial(value), rank: 0) }
            for word in dictionary where word.count >= 2 && word.count <= field.width {
                add(ComparisonTrial(offset: field.offset, bytes: word), rank: 1)
            }
        }
        for width in [8, 4, 2] {
            let alike = chosen.filter { $0.width == width }
            var values: [(value: UInt64, isBigEndian: Bool)] = []
            for field in alike where values.count < Self.maxExchangedValues {
                let value = field.value(in: input)
                // Small numbers are tried elsewhere; addresses and sizes are what is worth being the same twice.
                if value > 0xFF && !values.contains(where: { $0 == (value, field.isBigEndian) }) {
                    values.append((value, field.isBigEndian))
                }
            }
            for field in alike {
                for other in values where other.isBigEndian == field.isBigEndian { add(field.trial(other.value), rank: 2) }
            }
        }
    }

    /// Those whose operand stands in the fewest places; of several that begin at one place the widest.
    private func bestFields() -> [ComparedField] {
        var widest: [Int: Int] = [:]
        for field in fieldOrder { widest[field.offset] = max(field.width, widest[field.offset] ?? 0) }
        let candidates = fieldOrder.filter { widest[$0.offset] == $0.width }
        let order = candidates.indices.sorted {
            (fields[candidates[$0]] ?? 0, candidates[$0].offset, $0) < (fields[candidates[$1]] ?? 0, candidates[$1].offset, $1)
        }
        return order.prefix(Self.maxFields).map { candidates[$0] }
    }

    // MARK: Order

    /// Few places first; of as many the wider operand.
    private func rank(places: Int, width: Int) -> Int { places * 16 + (8 - min(8, width)) * 2 }

    private mutating func add(_ trial: ComparisonTrial, rank: Int) {
        guard known.insert(trial).inserted else { return }
        ranked.append(Ranked(trial: trial, rank: rank))
    }

    private mutating func takeRanked(atMost limit: Int) -> [ComparisonTrial] {
        let order = ranked.indices.sorted { (ranked[$0].rank, $0) < (ranked[$1].rank, $1) }
        let taken = order.prefix(max(0, limit)).map { ranked[$0].trial }
        ranked.removeAll()
        return taken
    }
}
