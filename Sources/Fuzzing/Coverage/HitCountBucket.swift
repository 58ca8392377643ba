/// A feature: what coverage means to the corpus. `edge * 8 + bucket`, as in libFuzzer.
package typealias Feature = UInt32

/// The eight classes of hit counts that are told apart: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128-255.
///
/// Source: AFL's technical details ("Detecting new behaviors"); libFuzzer's counters use the same classes.
package enum HitCountBucket {
    /// Buckets of one edge.
    package static let count = 8

    /// Bucket, 0 to 7, of a hit count that is not zero.
    @inline(__always)
    package static func bucket(hitCount: UInt8) -> UInt32 {
        // Eight classes of 3 bits would fit a table; comparisons need no memory and compile to a few
        // instructions.
        if hitCount <= 3 { return UInt32(hitCount &- 1) & 7 }
        if hitCount >= 128 { return 7 }
        if hitCount >= 32 { return 6 }
        // 4-7, 8-15, 16-31: one bucket for each power of two.
        return 6 &- UInt32(hitCount.leadingZeroBitCount) &+ 2
    }

    /// Feature of an edge seen `hitCount` times; `hitCount` must not be zero.
    @inline(__always)
    package static func feature(edge: UInt32, hitCount: UInt8) -> Feature {
        edge &<< 3 | bucket(hitCount: hitCount)
    }
}
