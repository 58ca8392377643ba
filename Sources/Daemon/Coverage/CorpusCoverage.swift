/// What a corpus reached, counter by counter. A value; grows while its inputs are run.
package struct CorpusCoverage: Sendable, Equatable {
    package private(set) var inputCount = 0
    /// Inputs that crashed, timed out or otherwise failed; what they reached before that counts.
    package private(set) var failedInputCount = 0
    /// Hits of each counter, summed over the inputs. One input's are at most 255: its counter has 8 bits.
    package private(set) var hits: [UInt64]
    /// Inputs that reached each counter.
    package private(set) var inputs: [UInt32]

    package init(counterCount: Int) {
        hits = [UInt64](repeating: 0, count: counterCount)
        inputs = [UInt32](repeating: 0, count: counterCount)
    }

    /// Takes the counters of one input in: `counter << 8 | hits`.
    package mutating func add(_ counters: UnsafeBufferPointer<UInt32>, isFailure: Bool = false) {
        inputCount += 1
        if isFailure { failedInputCount += 1 }
        for entry in counters {
            let counter = Int(entry >> 8)
            // Features that are no coverage come behind the instrumented modules.
            guard counter < hits.count, entry & 0xFF != 0 else { continue }
            hits[counter] += UInt64(entry & 0xFF)
            inputs[counter] += 1
        }
    }
}
