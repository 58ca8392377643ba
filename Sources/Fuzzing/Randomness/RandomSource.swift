/// Seeded generator of everything random in a campaign: xoshiro256**.
///
/// A value type owned by whoever draws from it; two sources with one seed give one sequence, in every process
/// and on every machine. Not for secrets.
///
/// Source: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47(4), 2021; the
/// state is expanded from the seed by SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), as its authors
/// recommend.
package struct RandomSource: RandomNumberGenerator, Sendable, Equatable {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64

    package init(seed: UInt64) {
        var state = seed
        func splitMix() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
        s0 = splitMix()
        s1 = splitMix()
        s2 = splitMix()
        s3 = splitMix()
    }

    /// State given word by word, for comparing with published sequences; all zero is not a state.
    package init(state: (UInt64, UInt64, UInt64, UInt64)) {
        precondition(
            state.0 | state.1 | state.2 | state.3 != 0, "xoshiro256** never leaves the all-zero state")
        (s0, s1, s2, s3) = state
    }

    /// The next 64 uniform bits.
    package mutating func next() -> UInt64 {
        let product = s1 &* 5
        let result = ((product << 7) | (product >> 57)) &* 9
        let carried = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= carried
        s3 = (s3 << 45) | (s3 >> 19)
        return result
    }

    /// A uniform integer in `0..<bound`, without modulo bias. `bound` must be positive.
    ///
    /// Source: Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29(1), 2019.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a random integer needs a non-empty interval")
        let limit = UInt64(bound)
        var product = next().multipliedFullWidth(by: limit)
        if product.low < limit {
            // Draws that fall in the first 2^64 mod bound low parts are what makes some results likelier.
            let threshold = (0 &- limit) % limit
            while product.low < threshold {
                product = next().multipliedFullWidth(by: limit)
            }
        }
        return Int(product.high)
    }

    /// True in one of two draws.
    package mutating func coin() -> Bool {
        next() >> 63 == 1
    }

    /// A uniform byte.
    package mutating func byte() -> UInt8 {
        UInt8(truncatingIfNeeded: next() >> 56)
    }

    /// A uniform number in `0..<1` with 53 significant bits.
    package mutating func unitInterval() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
