/// What a campaign may be told; the defaults are libFuzzer's.
package struct FuzzerOptions: Sendable {
    /// Fixes everything random (`-seed`).
    package var seed: UInt64 = 1
    /// Longest input that is ever run, in bytes; at least 1 (`-max_len`).
    package var maxInputBytes = 4096
    /// Words for `ManualDict`; `DictionaryParser` reads them from a file (`-dict`).
    package var dictionary: [[UInt8]] = []
    /// Records the comparisons of new inputs in a second run, and mutates by them (`-use_cmp`).
    package var usesComparisons = true
    /// Executions per step of the length limit; 0 allows full length at once (`-len_control`).
    package var lengthControl: UInt64 = 100
    /// Mutations stacked on one choice from the corpus, each of them run (`-mutate_depth`).
    package var mutationDepth = 5
    /// Mutants are printable text (`-only_ascii`).
    package var onlyASCII = false
    /// The harness has `LLVMFuzzerCustomCrossOver`.
    package var hasCustomCrossOver = false
    /// A smaller mutant that shows all its entry's features replaces the entry (`-reduce_inputs`).
    package var reducesInputs = true
    /// A smaller input takes over features of bigger entries (`-shrink`).
    package var shrinks = false
    /// Entropic schedule; false is libFuzzer's older one (`-entropic`).
    package var isSchedulingEntropic = true
    /// Edges numbered at or above are ignored; bounds the feature map at 96 bytes an edge.
    package var maxEdges = 1 << 21
    /// Unique findings announced for each kind; more are only counted.
    package var maxFindingsPerKind = 1000

    package init() {}
}
