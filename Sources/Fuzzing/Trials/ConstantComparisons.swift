/// Comparisons that are the target's own business: seen with an input that has neither operand.
///
/// A machine compares the bounds of its memory map with each other at every access. Such a pair says nothing about an input, even one that
/// happens to have the same bytes. Kept as bits chosen by a hash: a pair that shares its bit with another one is lost to trials.
package struct ConstantComparisons {
    private static let bitCount = 1 << 22
    private var bits: [UInt64] = []

    package init() {}

    package func contains(_ comparison: Comparison) -> Bool {
        guard !bits.isEmpty else { return false }
        let place = Self.place(comparison)
        return bits[place / 64] >> UInt64(place % 64) & 1 == 1
    }

    /// Learns from what the input at `positions` was seen to compare.
    package mutating func learn(_ comparisons: [Comparison], positions: BytePositions) {
        if bits.isEmpty { bits = [UInt64](repeating: 0, count: Self.bitCount / 64) }
        for comparison in comparisons where !contains(comparison) {
            let size = Int(comparison.sizeBytes)
            guard !Self.isThere(comparison.left, size, positions), !Self.isThere(comparison.right, size, positions) else { continue }
            let place = Self.place(comparison)
            bits[place / 64] |= 1 << UInt64(place % 64)
        }
    }

    /// Whether the input has the operand in any encoding, in its own width or the narrowest that holds it.
    private static func isThere(_ operand: UInt64, _ size: Int, _ positions: BytePositions) -> Bool {
        OperandEncoding.all.contains { encoding in
            guard let value = encoding.encoded(operand), value != 0 else { return false }
            if !encoding.isExact && value <= ComparisonTrials.largestSmallNumber { return false }
            let narrowest = [1, 2, 4, 8].first { IntegerBytes.mask(width: $0) >= value } ?? 8
            // A single byte is in every input.
            return Set([size, min(size, max(2, narrowest))]).contains { width in
                positions.holds(value & IntegerBytes.mask(width: width), width: width)
            }
        }
    }

    private static func place(_ comparison: Comparison) -> Int {
        let hash = comparison.fingerprint
        return Int((hash ^ hash >> 32) & UInt64(bitCount - 1))
    }
}

extension Comparison {
    /// A number for the comparison, the same in every process.
    var fingerprint: UInt64 {
        var hash = FNVHash()
        hash.add(sizeBytes)
        hash.add(left)
        hash.add(right)
        return hash.value
    }
}
