/// One way of making an input simpler: a fixed sequence of candidates, each a function of the input and of how the candidates
/// before it fared.
///
/// A value: `Minimizer` copies a pass to look ahead and drops the copy when it was wrong. Never draws from outside, so two passes
/// in one state propose the same.
protocol ReductionPass: Sendable {
    /// What the progress display calls it.
    var name: String { get }

    /// The candidate that is to be tried next on `input`; `nil` once there are no more. Says the same until `advance`.
    mutating func candidate(of input: [UInt8]) -> [UInt8]?

    /// The last candidate was tried. Where it is accepted it is the input from now on.
    mutating func advance(isAccepted: Bool)
}

/// Stretches of a sequence, all of it first, then halves, quarters, down to single elements; each size from the end, as what
/// follows a failure never matters.
///
/// The order of removals in delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
/// TSE 28(2), 2002), without its complements: those are what single removals come to.
struct ChunkCursor: Sendable {
    private var size: Int?
    private var end: Int?
    private var hasTakenSingle = false
    /// Go through the single elements again until none of them can be taken.
    private let repeatsSingles: Bool
    /// Ends before stretches get shorter than this share of the sequence.
    private let finestShare: Int

    init(repeatsSingles: Bool = false, finestShare: Int = .max) {
        self.repeatsSingles = repeatsSingles
        self.finestShare = finestShare
    }

    /// The stretch that is to be tried next in a sequence of `count` elements.
    mutating func chunk(count: Int) -> Range<Int>? {
        guard count > 0 else { return nil }
        let size = self.size ?? count
        self.size = size
        guard size > 0, size >= count / finestShare else { return nil }
        let end = min(self.end ?? count, count)
        self.end = end
        return max(0, end - size)..<end
    }

    mutating func advance(isTaken: Bool) {
        guard let size, let end else { return }
        if isTaken, size == 1 { hasTakenSingle = true }
        self.end = max(0, end - size)
        guard end <= size else { return }
        self.end = nil
        if size == 1, repeatsSingles, hasTakenSingle {
            hasTakenSingle = false
        } else {
            self.size = size / 2
        }
    }
}

/// Smaller numbers to try in the place of one, the most welcome first.
enum SimplerValues {
    /// More set bits than this are cleared byte by byte only.
    private static let bitLimit = 8
    /// Numbers up to this are counted down.
    private static let countdownLimit: UInt64 = 16

    /// Zero, the low bytes alone, one byte or bit less, half; ascending sizes of change. All are smaller than `value`.
    static func of(_ value: UInt64) -> [UInt64] {
        guard value > 0 else { return [] }
        var values: [UInt64] = [0, 1]
        for bytes in [1, 2, 4] as [UInt64] { values.append(value & (1 << (8 * bytes) - 1)) }
        for byte in (0..<8 as Range<UInt64>).reversed() { values.append(value & ~(0xFF << (8 * byte))) }
        if value.nonzeroBitCount <= bitLimit {
            for bit in (0..<64 as Range<UInt64>).reversed() { values.append(value & ~(1 << bit)) }
        }
        values.append(value >> 1)
        if value <= countdownLimit { values.append(value - 1) }
        return distinct(values.filter { $0 < value })
    }

    /// For numbers that are taken modulo something unknown and small: every small number first.
    static func ofChoice(_ value: UInt64) -> [UInt64] {
        distinct(Array(0..<min(value, countdownLimit)) + of(value))
    }

    private static func distinct(_ values: [UInt64]) -> [UInt64] {
        var result: [UInt64] = []
        for value in values where !result.contains(value) { result.append(value) }
        return result
    }
}
