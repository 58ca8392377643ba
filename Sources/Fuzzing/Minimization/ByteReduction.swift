/// Takes stretches of bytes away, long ones first.
struct ByteRemoval: ReductionPass {
    let name = "bytes"
    private var cursor: ChunkCursor

    /// - Parameter finestShare: no stretch is shorter than this share of the input.
    init(finestShare: Int = .max) {
        cursor = ChunkCursor(finestShare: finestShare)
    }

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        guard let chunk = cursor.chunk(count: input.count) else { return nil }
        return Array(input[..<chunk.lowerBound] + input[chunk.upperBound...])
    }

    mutating func advance(isAccepted: Bool) { cursor.advance(isTaken: isAccepted) }
}

/// Replaces bytes that do not matter, whole stretches at once where that works, halving them where it does not.
struct ByteReplacement: ReductionPass {
    let name: String
    /// In the order in which they are tried on a single byte; stretches take the first. A byte that is one of them stays.
    private let replacements: [UInt8]
    /// Stretches still to be tried, the next one last.
    private var stretches: [Range<Int>]?
    private var replacement = 0
    /// Inputs up to this length are looked at byte by byte: most of these bytes matter, and stretches of them would fail.
    private static let shortBytes = 16

    init(name: String = "zeroing", replacements: [UInt8] = [0]) {
        self.name = name
        self.replacements = replacements
    }

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        var waiting = stretches ?? Self.first(of: input)
        while let last = waiting.last, input[last].allSatisfy(replacements.contains) {
            waiting.removeLast()
            replacement = 0
        }
        stretches = waiting
        guard let stretch = waiting.last else { return nil }
        var candidate = input
        for index in stretch where !replacements.contains(input[index]) { candidate[index] = replacements[replacement] }
        return candidate
    }

    private static func first(of input: [UInt8]) -> [Range<Int>] {
        if input.count <= shortBytes { return input.indices.reversed().map { $0..<($0 + 1) } }
        return [input.indices]
    }

    mutating func advance(isAccepted: Bool) {
        guard let stretch = stretches?.last else { return }
        if !isAccepted, stretch.count == 1, replacement + 1 < replacements.count {
            replacement += 1
            return
        }
        replacement = 0
        stretches?.removeLast()
        guard !isAccepted, stretch.count > 1 else { return }
        let middle = stretch.lowerBound + stretch.count / 2
        stretches?.append(middle..<stretch.upperBound)
        stretches?.append(stretch.lowerBound..<middle)
    }
}

/// Makes single bytes smaller that could not become zero.
struct ByteLowering: ReductionPass {
    let name = "smaller bytes"
    private var index = 0
    private var choice = 0

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        while index < input.count {
            let values = SimplerValues.of(UInt64(input[index]))
            if choice < values.count {
                var candidate = input
                candidate[index] = UInt8(truncatingIfNeeded: values[choice])
                return candidate
            }
            index += 1
            choice = 0
        }
        return nil
    }

    mutating func advance(isAccepted: Bool) { choice = isAccepted ? 0 : choice + 1 }
}

/// Takes several stretches away at random and changes a byte that may have counted them: what one removal at a time cannot do.
///
/// The draws depend on seed and number of the try only, and begin anew with each acceptance: a result that survived them once
/// survives them again. What is so short that any two bytes were taken away together has nothing left for chance.
struct RandomByteRemoval: ReductionPass {
    let name = "random"
    private let seed: UInt64
    private var number: UInt64 = 0
    private static let triesPerByte = 8
    private static let maxTries = 96

    init(seed: UInt64) {
        self.seed = seed
    }

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        guard input.count > ByteGroupRemoval.maxPairedBytes,
            number < UInt64(min(Self.maxTries, Self.triesPerByte * input.count))
        else { return nil }
        var random = RandomSource(seed: seed &+ number)
        var candidate = input
        for _ in 0...random.below(2) where candidate.count > 1 {
            let index = random.below(candidate.count)
            let longest = random.coin() ? 4 : candidate.count / 2
            let count = min(1 + random.below(max(1, longest)), candidate.count - index)
            candidate.removeSubrange(index..<(index + count))
        }
        if !candidate.isEmpty, random.coin() {
            // Numbers that count bytes stand in front, mostly.
            let index = random.below(random.coin() ? min(4, candidate.count) : candidate.count)
            let removed = UInt8(truncatingIfNeeded: input.count - candidate.count)
            candidate[index] = random.coin() ? candidate[index] &- removed : random.byte()
        }
        return candidate
    }

    mutating func advance(isAccepted: Bool) { number = isAccepted ? 0 : number + 1 }
}
