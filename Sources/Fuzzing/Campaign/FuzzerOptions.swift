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
    /// Tries the operands that an entry compared systematically, once for each entry; only with `usesComparisons`.
    package var triesComparisons = true
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
    /// Order in which seeds run (`-shuffle`, `-prefer_small`).
    package var seedOrder: SeedOrder = .smallFirst
    /// Seeds enter the corpus even if they show nothing new, and are never reduced (`-keep_seed`).
    package var keepsSeeds = false
    /// Hit counts are features; otherwise only edges are (`-use_counters`).
    package var usesCounters = true
    /// Inputs are crossed with one another (`-cross_over`).
    package var crossesOver = true
    /// The other parent of a cross-over is any entry with equal chances (`-cross_over_uniform_dist`).
    package var choosesPartnersUniformly = false
    /// A feature seen no more often than this is rare (`-entropic_feature_frequency_threshold`).
    package var rareFrequencyThreshold: UInt16 = 0xFF
    /// Rare features that are kept whatever their frequency (`-entropic_number_of_rarest_features`).
    package var rarestFeatureCount = 100
    /// The harness has `LLVMFuzzerCustomMutator`; then it makes every mutant, but for its own cross-over.
    package var hasCustomMutator = false
    /// Edges that are features but no coverage: value profile and extra counters. Ascending, apart.
    package var featureOnlyEdges: [Range<UInt32>] = []
    /// Unique findings announced for each kind; more are only counted.
    package var maxFindingsPerKind = 1000

    package init() {}
}
