/// How a mutant came to be; the `MS:` and `DE:` fields of a log line.
package struct MutationTrail: Sendable, Equatable {
    /// Entry that the chain began from; 0 for none.
    package internal(set) var base: CorpusEntryID
    /// Families applied one after the other.
    package internal(set) var families: [MutationFamily] = []
    /// Dictionary words and comparison operands used.
    package internal(set) var words: [[UInt8]] = []

    /// `MS: 2 ChangeBit-CopyPart-`, as libFuzzer prints it.
    package var description: String {
        "MS: \(families.count) " + families.map { $0.name + "-" }.joined()
    }
}

/// Where an input came from.
package enum InputOrigin: Sendable, Equatable {
    /// Loaded before the campaign; the name that `addSeed` was given.
    case seed(name: String)
    case mutation(MutationTrail)
}

/// An input that entered the corpus.
package struct NewInput: Sendable, Equatable {
    package var entry: CorpusEntryID
    package var bytes: [UInt8]
    package var origin: InputOrigin
    /// Features that the entry owns.
    package var ownedFeatureCount: Int
    package var durationNanoseconds: UInt64
    package var operations: UInt64
}

/// A smaller input that took the place of an entry.
package struct ReducedInput: Sendable, Equatable {
    package var entry: CorpusEntryID
    package var bytes: [UInt8]
    /// What the entry was before; its file goes once the new one is written.
    package var previousBytes: [UInt8]
    package var origin: InputOrigin
}

/// An input that made the target fail.
package struct Finding: Sendable, Equatable {
    package var bytes: [UInt8]
    /// How it ended when it was found.
    package var outcome: Outcome
    /// How it ended when it was run again; `nil` before that.
    package var repeatedOutcome: Outcome?
    /// It failed again in the same way (a crash may do so with another stack).
    package var isVerified: Bool
    package var origin: InputOrigin
    /// Executions before it, for the reader.
    package var foundAtExecution: UInt64
}

/// What `Fuzzer.observe` tells its caller, in the order in which it is to be carried out.
///
/// The caller finishes each event before it takes the next and before it reads `Fuzzer.counters`: a new input
/// is on disk before anything that counts it is shown, and the file of a replaced or evicted input goes only
/// after its successor is there. So whatever was shown survives the daemon's death at any instant.
package enum CampaignEvent: Sendable, Equatable {
    case newInput(NewInput)
    case reducedInput(ReducedInput)
    /// The entry owns nothing any more; smaller ones took its features. After the `newInput` that caused it.
    case evicted(entry: CorpusEntryID, bytes: [UInt8])
    /// All seeds that were added have been observed (`INITED`); `corpusCount` 0 means a target without
    /// coverage.
    case seedsLoaded(corpusCount: Int)
    /// A crash or leak seen for the first time, to be saved at once; a `finding` for the same bytes follows.
    case unverifiedFinding(Finding)
    /// The re-run is done. Timeouts and out-of-memory are announced only here, and only when they happened
    /// again.
    case finding(Finding)
    /// The machine parent was lost with this input in flight, again and again; it is not run any more.
    case lostInput(bytes: [UInt8], attempts: Int)
    /// The number of executions reached a power of two (`pulse`).
    case pulse(executions: UInt64)
}
