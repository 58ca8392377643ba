/// Values that no comparison named, for the stretches of an input that hold compared numbers: the limits of their width, words of the
/// user's dictionary (AFL's deterministic stage of extras, but only where something is compared), and what stands in other fields.
struct FieldTrials {
    /// Fields, and different values of other fields, at most.
    private static let maxFields = 48
    private static let maxExchangedValues = 24

    /// How many comparisons name a field: one that is there by chance has few.
    private var support: [ComparedField: Int] = [:]
    /// Four bytes and more that are neither all zeros nor all ones are nowhere by chance.
    private static let certainBytes = 4
    private static let certainty = 1000
    private var order: [ComparedField] = []

    /// A comparison whose operand stands there.
    mutating func add(_ field: ComparedField) {
        if support[field] == nil { order.append(field) }
        support[field, default: 0] += 1
    }

    /// One kind of value for all fields, then the next.
    func list(in input: [UInt8], dictionary: [[UInt8]]) -> [ComparisonTrial] {
        let fields = bestFields(input)
        var seen: Set<ComparisonTrial> = []
        let all = fields.flatMap(limits) + fields.flatMap { words($0, dictionary) } + fields.flatMap { exchanged($0, fields, input) }
        return all.filter { seen.insert($0).inserted }
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
        dictionary.filter { [2, 4, 8].contains($0.count) && $0.count <= field.width }
            .map { ComparisonTrial(offsets: [field.offset], bytes: $0) }
    }

    /// Few numbers are big-endian on the machines at hand: what seems to be is mostly a number that begins elsewhere.
    private func score(_ field: ComparedField, _ input: [UInt8]) -> Int {
        let found = (support[field] ?? 0) * (field.isBigEndian ? 1 : 4)
        let telling = input[field.offset..<(field.offset + field.width)].count { $0 != 0 && $0 != 0xFF }
        return field.width == 8 && telling >= Self.certainBytes ? found + Self.certainty : found
    }

    /// Of several that begin at one place the widest.
    private func bestFields(_ input: [UInt8]) -> [ComparedField] {
        var widest: [Int: Int] = [:]
        for field in order { widest[field.offset] = max(field.width, widest[field.offset] ?? 0) }
        let candidates = order.filter { widest[$0.offset] == $0.width }
        let scores = candidates.map { score($0, input) }
        let sorted = candidates.indices.sorted {
            (-scores[$0], candidates[$0].offset, $0) < (-scores[$1], candidates[$1].offset, $1)
        }
        return sorted.prefix(Self.maxFields).map { candidates[$0] }
    }
}
