/// Makes the list of changes that are tried systematically with one input, from what it was seen to compare.
///
/// The other operand of each comparison in place of the one that stands in the input (input-to-state correspondence); and in the
/// fields found so the values of `FieldTrials`. Both kinds take turns; within each the best known places come first: what
/// stands in the input once is hardly there by chance. Pure: one list for one input.
package struct ComparisonTrials {
    /// Trials of each kind, at most.
    package static let maxOperandTrials = 2048
    package static let maxFieldTrials = 2048
    /// An operand that stands in more places is not looked at: it is there by chance.
    private static let maxPlaces = 16
    /// In so many places at most a number is taken for a field: a small one, one in another encoding; any other.
    private static let fewPlaces = 2
    private static let maxFieldPlaces = 4
    /// What is compared with more is looked for everywhere, as a separator is: what it is compared with is no field.
    private static let maxPartners = 64
    /// The same bytes are written in so many places of one input, at most.
    private static let maxTimesWritten = 24
    /// Numbers up to this are anywhere.
    static let largestSmallNumber: UInt64 = 0xFF

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
    /// Fingerprints of what the trials so far come to.
    private var known: Set<UInt64> = []
    private var timesWritten: [UInt64: Int] = [:]
    private var pairs: Set<Pair> = []
    private var fields = FieldTrials()
    /// How many comparisons each number is in.
    private var partnerCounts: [UInt64: Int] = [:]

    private init(_ positions: BytePositions) {
        input = positions.input
        self.positions = positions
    }

    /// The trials in the order in which they are to run, for the input at `positions`.
    package static func list(
        at positions: BytePositions, comparisons: [Comparison], words: [WordComparison], dictionary: [[UInt8]]
    ) -> [ComparisonTrial] {
        var trials = ComparisonTrials(positions)
        trials.countPartners(comparisons)
        for comparison in comparisons where [1, 2, 4, 8].contains(comparison.sizeBytes) { trials.add(comparison) }
        for comparison in words { trials.add(comparison) }
        let operands = trials.inOrder().prefix(maxOperandTrials)
        let others = trials.fields.list(in: positions.input, dictionary: dictionary).filter { trials.isNews($0) }
        return takingTurns(Array(operands), Array(others.prefix(maxFieldTrials)))
    }

    private static func takingTurns(_ first: [ComparisonTrial], _ second: [ComparisonTrial]) -> [ComparisonTrial] {
        var all: [ComparisonTrial] = []
        all.reserveCapacity(first.count + second.count)
        for index in 0..<max(first.count, second.count) {
            if index < first.count { all.append(first[index]) }
            if index < second.count { all.append(second[index]) }
        }
        return all
    }

    // MARK: Numbers

    private mutating func countPartners(_ comparisons: [Comparison]) {
        for comparison in comparisons {
            partnerCounts[comparison.left, default: 0] += 1
            partnerCounts[comparison.right, default: 0] += 1
        }
    }

    private mutating func add(_ comparison: Comparison) {
        let size = Int(comparison.sizeBytes)
        for (existing, desired) in [(comparison.left, comparison.right), (comparison.right, comparison.left)] {
            for encoding in OperandEncoding.all {
                guard let encoded = encoding.encoded(existing) else { continue }
                // Zeros are anywhere; and so are small numbers, once other numbers may stand for them.
                guard encoded > (encoding.isExact ? 0 : Self.largestSmallNumber) else { continue }
                add(encoded, encoding.wanted(desired), size: size, isExact: encoding.isExact)
            }
        }
    }

    /// Looks for `existing` in every width that holds both.
    private mutating func add(_ existing: UInt64, _ wanted: UInt64, size: Int, isExact: Bool) {
        var width = size
        while true {
            let mask = IntegerBytes.mask(width: width)
            guard existing & ~mask == 0 || width == size else { return }
            let pair = Pair(existing: existing & mask, wanted: wanted & mask, width: width)
            add(pair, isExact: isExact, isWhole: width == size)
            // Targets compare wider than they read: an operand that fits a narrower field may have come from one.
            width /= 2
            if width < 2 || (existing | wanted) >> UInt64(8 * width) != 0 { return }
        }
    }

    private mutating func add(_ pair: Pair, isExact: Bool, isWhole: Bool) {
        guard pair.existing != pair.wanted, pairs.insert(pair).inserted else { return }
        // A number that is there in one byte order is not looked for in the other.
        var isFound = false
        for isBigEndian in pair.width == 1 ? [false] : [false, true] where !isFound {
            let places = positions.places(
                of: pair.existing, width: pair.width, isBigEndian: isBigEndian, limit: Self.maxPlaces)
            isFound = !places.isEmpty
            let isSearched = partnerCounts[pair.wanted, default: 0] > Self.maxPartners
            let isSmall = pair.existing <= Self.largestSmallNumber
            let isField = isSmall ? isWhole && pair.width > 2 && places.count <= Self.fewPlaces : places.count <= Self.maxFieldPlaces
            for offset in places {
                let field = ComparedField(offset: offset, width: pair.width, isBigEndian: isBigEndian)
                if isField && !isSearched && (isExact || places.count <= Self.fewPlaces) { fields.add(field) }
                // `<` and `<=` are decided one beside the operand.
                for addend: Int64 in isExact && isField ? [0, -1, 1] : [0] {
                    let rank = (isSmall ? 1000 : 0) + places.count * 10 + (isExact ? 0 : 5) + (addend == 0 ? 0 : 5)
                    add(field.trial(pair.wanted &+ UInt64(bitPattern: addend)), rank: rank)
                }
            }
            // Many equal numbers may have to be changed together.
            if places.count > 1 && !isSmall && zip(places, places.dropFirst()).allSatisfy({ $1 - $0 >= pair.width }) {
                let bytes = IntegerBytes.bytes(of: pair.wanted, width: pair.width, isBigEndian: isBigEndian)
                add(ComparisonTrial(offsets: places, bytes: bytes), rank: places.count * 10 + 1)
            }
        }
    }

    // MARK: Words

    private mutating func add(_ comparison: WordComparison) {
        for (existing, desired) in [(comparison.left, comparison.right), (comparison.right, comparison.left)]
        where !existing.isEmpty && !desired.isEmpty {
            let places = positions.places(of: existing, limit: Self.maxPlaces)
            for offset in places where offset + desired.count <= input.count {
                add(ComparisonTrial(offsets: [offset], bytes: desired), rank: places.count * 10)
            }
        }
    }

    // MARK: Order

    private mutating func add(_ trial: ComparisonTrial, rank: Int) {
        // What is looked for in the input is compared with each piece of it.
        let written = ComparisonTrial(offsets: [], bytes: trial.bytes).fingerprint
        guard timesWritten[written, default: 0] < Self.maxTimesWritten, isNews(trial) else { return }
        timesWritten[written, default: 0] += 1
        ranked.append(Ranked(trial: trial, rank: rank))
    }

    /// Whether no trial before gives the same input: one of two bytes may do the same as one of eight.
    private mutating func isNews(_ trial: ComparisonTrial) -> Bool {
        guard let effect = trial.effect(on: input) else { return false }
        return known.insert(effect.fingerprint).inserted
    }

    private func inOrder() -> [ComparisonTrial] {
        // By arrival where the rank is the same: the standard library does not promise a stable sort.
        let order = ranked.indices.sorted { (ranked[$0].rank, $0) < (ranked[$1].rank, $1) }
        return order.map { ranked[$0].trial }
    }
}
