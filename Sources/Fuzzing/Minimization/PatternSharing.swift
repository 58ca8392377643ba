/// Makes fewer DMA patterns serve the same reads. Patterns are taken in rotation: of *n* that each serve one read, the first *k* serve
/// all where each has what the reads of a remainder modulo *k* need. Most reads care for some of their bytes only.
struct PatternSharing: ReductionPass {
    let name = "shared DMA patterns"
    /// With more patterns the ways are too many.
    private static let maxPatterns = 12
    /// Ways that are tried for each *k*: all, where no more than three remainders have several patterns.
    private static let maxWays = 64
    private var kept = 1
    private var way = 0

    /// What becomes of two patterns that are to be one. The first two keep what the shorter one says, and the rest of the longer.
    private enum Union: Int, CaseIterable {
        case earlierOverLater, laterOverEarlier, later, earlier

        func callAsFunction(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
            switch self {
            case .earlierOverLater: first + second.dropFirst(first.count)
            case .laterOverEarlier: second + first.dropFirst(second.count)
            case .later: second
            case .earlier: first
            }
        }
    }

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        var parsed = GenericFuzzInput(input)
        let places = parsed.operations.indices.filter { parsed.operations[$0].pattern != nil }
        guard places.count <= Self.maxPatterns else { return nil }
        while kept < places.count {
            let shared = min(kept, places.count - kept)
            if way < min(Self.maxWays, Self.power(Union.allCases.count, shared)) {
                share(places, in: &parsed)
                return parsed.bytes
            }
            kept += 1
            way = 0
        }
        return nil
    }

    mutating func advance(isAccepted: Bool) {
        way += 1
        if isAccepted { (kept, way) = (1, 0) }
    }

    /// Leaves the first patterns, each with what the later ones of its remainder have, and none of the others.
    private func share(_ places: [Int], in parsed: inout GenericFuzzInput) {
        for (number, place) in places.enumerated().dropFirst(kept) {
            let first = places[number % kept]
            guard let own = parsed.operations[first].pattern, let others = parsed.operations[place].pattern else { continue }
            let digit = way / Self.power(Union.allCases.count, number % kept) % Union.allCases.count
            let union = Union.allCases[digit]
            let bytes = union(Array(parsed.operations[first].bytes[own]), Array(parsed.operations[place].bytes[others]))
            parsed.operations[first].bytes.replaceSubrange(own, with: bytes)
        }
        for place in places.dropFirst(kept).reversed() { parsed.operations.remove(at: place) }
    }

    /// Saturates where more would be too many anyway.
    private static func power(_ base: Int, _ exponent: Int) -> Int { exponent > 5 ? .max : (0..<exponent).reduce(1) { product, _ in product * base } }
}
