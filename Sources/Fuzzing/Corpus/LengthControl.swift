/// How long mutants may be: the limit starts near the corpus's longest input and grows while nothing new is
/// found.
///
/// Source: libFuzzer's `-len_control`: after `control * log2(limit)` executions without a new input the limit
/// grows by log2(limit). Short inputs are tried thoroughly before long ones. Owned by `Fuzzer`.
package struct LengthControl: Sendable, Equatable {
    /// Executions per step and bit of the limit; 0 lets mutants be as long as allowed at once.
    private let control: UInt64
    private let maxInputBytes: Int
    /// The limit now (`lim:`).
    package private(set) var limitBytes: Int
    private var lastChange: UInt64 = 0

    package init(control: UInt64, maxInputBytes: Int) {
        self.control = control
        self.maxInputBytes = maxInputBytes
        limitBytes = control == 0 ? maxInputBytes : min(4, maxInputBytes)
    }

    /// The seeds have run; the limit is at least their longest.
    package mutating func seedsLoaded(largestSizeBytes: Int, executions: UInt64) {
        if control == 0 { return }
        limitBytes = min(maxInputBytes, max(limitBytes, largestSizeBytes))
        lastChange = executions
    }

    /// The corpus changed: what the present length still finds is not exhausted.
    package mutating func corpusChanged(executions: UInt64) {
        lastChange = executions
    }

    /// Called once for each execution.
    package mutating func advance(executions: UInt64) {
        guard control != 0, limitBytes < maxInputBytes else { return }
        let bits = UInt64(max(1, Int.bitWidth - 1 - limitBytes.leadingZeroBitCount))
        if executions &- lastChange > control * bits {
            limitBytes = min(maxInputBytes, limitBytes + Int(bits))
            lastChange = executions
        }
    }
}
