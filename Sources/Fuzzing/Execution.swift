/// Number of an execution within one worker, counted from 0 in the order of submission.
package typealias ExecutionSequence = UInt64

/// One input that a worker is asked to run.
///
/// Made by the fuzzing engine, carried to the target by `ForkServer`. Values only; owned by the daemon.
package struct ExecutionRequest: Sendable, Equatable {
    /// The bytes to run; at most the campaign's `maxInputBytes`.
    package var input: [UInt8]
    /// Second parent of a cross-over that the *harness* performs in the child before it runs the result
    /// (`LLVMFuzzerCustomCrossOver`); `nil` when the input is to be run as it is.
    package var crossOverPartner: [UInt8]?
    /// Seed handed to the harness's cross-over.
    package var crossOverSeed: UInt32
    /// Seed for the *harness's* mutator (`LLVMFuzzerCustomMutator`), which changes the input in the child before it runs
    /// the result; `nil` when it is not asked.
    package var customMutatorSeed: UInt32?
    /// Whether operands of comparisons are to be recorded during this execution (costs some speed).
    package var collectsComparisons: Bool
    /// Whether a sanitizer's report is to tell where memory was allocated and freed (costs some speed).
    package var tracesAllocations: Bool
    /// Whether it is only to run if the worker's input before it passes; under the strategy `fork` alone.
    package var needsPass: Bool

    package init(
        input: [UInt8], crossOverPartner: [UInt8]? = nil, crossOverSeed: UInt32 = 0,
        customMutatorSeed: UInt32? = nil, collectsComparisons: Bool = false, tracesAllocations: Bool = true,
        needsPass: Bool = false
    ) {
        self.input = input
        self.crossOverPartner = crossOverPartner
        self.crossOverSeed = crossOverSeed
        self.customMutatorSeed = customMutatorSeed
        self.collectsComparisons = collectsComparisons
        self.tracesAllocations = tracesAllocations
        self.needsPass = needsPass
    }
}

/// Operands of one comparison that the target executed, as `__sanitizer_cov_trace_cmp{1,2,4,8}` saw them.
package struct Comparison: Sendable, Hashable {
    /// Width of the operands: 1, 2, 4 or 8.
    package var sizeBytes: UInt8
    package var left: UInt64
    package var right: UInt64

    package init(sizeBytes: UInt8, left: UInt64, right: UInt64) {
        self.sizeBytes = sizeBytes
        self.left = left
        self.right = right
    }
}

/// Operands of `memcmp`, `strcmp`, `strstr` or one of their kin, each cut to 32 bytes; zero bytes that end a string are
/// left out.
package struct WordComparison: Sendable, Hashable {
    package var left: [UInt8]
    package var right: [UInt8]

    package init(left: [UInt8], right: [UInt8]) {
        self.left = left
        self.right = right
    }
}

/// How an execution ended. What an input causes is a value.
package enum Outcome: Sendable, Equatable {
    case passed
    /// The harness returned -1: the input must not be kept in the corpus.
    case rejected
    /// The child died by a signal, trapped, or exited early; `signature` names the unique crash (its stack).
    case crashed(signature: String)
    /// A timer of the machine parent ended the child.
    case timedOut
    /// The child exceeded its memory limit.
    case outOfMemory
    /// Memory was leaked (`detect_leaks`).
    case leaked(signature: String)
    /// The machine parent itself was lost while this ran; says nothing about the input, which is run again.
    case lost

    /// Whether the input goes to the artifacts rather than to the corpus.
    package var isFinding: Bool {
        switch self {
        case .crashed, .timedOut, .outOfMemory, .leaked: true
        case .passed, .rejected, .lost: false
        }
    }
}

/// What one execution showed. Buffers point into shared memory and are valid only during the call that
/// hands the observation over.
package struct Observation {
    package var outcome: Outcome
    /// Counters that are not zero, ascending by edge: `edge << 8 | hitCount`.
    package var counters: UnsafeBufferPointer<UInt32>
    /// Comparisons recorded if the request asked for them.
    package var comparisons: [Comparison]
    /// Operands of `memcmp` and kin, recorded if the request asked for comparisons.
    package var wordComparisons: [WordComparison]
    /// The input as it ran; differs from the request's after a cross-over or a mutation by the harness.
    package var executedInput: UnsafeBufferPointer<UInt8>
    /// Device accesses inside the input, as the harness reported them.
    package var operations: UInt64
    /// The input's own time, without fork and reaping.
    package var durationNanoseconds: UInt64

    package init(
        outcome: Outcome, counters: UnsafeBufferPointer<UInt32>, comparisons: [Comparison] = [],
        wordComparisons: [WordComparison] = [], executedInput: UnsafeBufferPointer<UInt8>, operations: UInt64 = 0, durationNanoseconds: UInt64 = 0
    ) {
        self.outcome = outcome
        self.counters = counters
        self.comparisons = comparisons
        self.wordComparisons = wordComparisons
        self.executedInput = executedInput
        self.operations = operations
        self.durationNanoseconds = durationNanoseconds
    }
}
