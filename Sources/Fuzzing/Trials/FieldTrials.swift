/// Values that no comparison named, for the stretches of an input that hold compared numbers: the limits of their width, words of the
/// user's dictionary (AFL's deterministic stage of extras, but only where something is compared), and what stands in other fields.
struct FieldTrials {
    /// Fields, and different values of other fields, at most.
    private static let maxFields = 48
    private static let maxExchangedValues = 24

    /// How a field was found; lower is better.
    private var ranks: [ComparedField: Int] = [:]
    private var order: [ComparedField] = []

    /// A field whose number stands in `placeCount` places of the input.
    mutating func add(_ field: ComparedField, isSmall: Bool, placeCount: Int) {
        let rank = (isSmall ? 1000 : 0) + placeCount
        if ranks[field] == nil { order.append(field) }
        ranks[field] = min(rank, ranks[field] ?? rank)
    }

    /// The values of one field after those of another.
    func list(in input: [UInt8], dictionary: [[UInt8]]) -> [ComparisonTrial] {
        let fields = bestFields()
        var seen: Set<ComparisonTrial> = []
        return fields.flatMap { field in
            (limits(field) + exchanged(field, fields, input) + words(field, dictionary)).filter { seen.insert($0).inserted }
        }
    }

    private func limits(_ field: ComparedField) -> [ComparisonTrial] {
        let all = IntegerBytes.mask(width: field.width)
        return [all, 0, (all >> 1) + 1, all >> 1].map(field.trial)
    }

    /// Addresses and sizes are worth being the same twice; small numbers are tried elsewhere.
    private func exchanged(_ field: ComparedField, _ fields: [ComparedField], _ input: [UInt8]) -> [ComparisonTrial] {
        var values: [UInt64] = []
        for other in fields where other.width == field.width && other.isBigEndian == field.isBigEndian {
            let value = other.value(in: input)
            if value > ComparisonTrials.largestSmallNumber && !values.contains(value) { values.append(value) }
            if values.count == Self.maxExchangedValues { break }
        }
        return values.filter { $0 != field.value(in: input) }.map(field.trial)
    }

    private func words(_ field: ComparedField, _ dictionary: [[UInt8]]) -> [ComparisonTrial] {
        dictionary.filter { $0.count >= 2 && $0.count <= field.width }
            .map { ComparisonTrial(offset: field.offset, bytes: $0) }
    }

    /// Of several that begin at one place the widest.
    private func bestFields() -> [ComparedField] {
        var widest: [Int: Int] = [:]
        for field in order { widest[field.offset] = max(field.width, widest[field.offset] ?? 0) }
        let candidates = order.filter { widest[$0.offset] == $0.width }
        let sorted = candidates.indices.sorted {
            (ranks[candidates[$0]] ?? 0, candidates[$0].offset, $0) < (ranks[candidates[$1]] ?? 0, candidates[$1].offset, $1)
        }
        return sorted.prefix(Self.maxFields).map { candidates[$0] }
    }
}
