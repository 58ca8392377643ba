/// Comparison trials within a campaign; see `TrialStage`.
extension Fuzzer {
    /// Begins the turn of an entry that was chosen for mutation, unless another one's is not over.
    mutating func beginTrials(of entry: CorpusEntryID) {
        guard options.triesComparisons, options.usesComparisons, !options.hasCustomMutator, trialStage.begin(entry) else { return }
        background.append(
            PendingExecution(
                request: ExecutionRequest(input: corpus[entry].bytes, collectsComparisons: true), purpose: .trialComparisons(entry)))
    }

    /// The comparisons of the entry whose turn it is.
    mutating func takeTrialComparisons(_ observation: Observation, of entry: CorpusEntryID, input: [UInt8]) {
        guard observation.outcome == .passed else { return trialStage.take([], of: entry, input: input) }
        let positions = BytePositions(input)
        constantComparisons.learn(observation.comparisons, positions: positions)
        let trials = ComparisonTrials.list(
            at: positions, comparisons: observation.comparisons.filter { !constantComparisons.contains($0) },
            words: observation.wordComparisons, dictionary: mutator.context.manualDictionary)
        trialStage.take(trials, of: entry, input: input)
    }

    /// The next trial, where it is its turn.
    mutating func nextTrial() -> PendingExecution? {
        guard let (entry, changed, word) = trialStage.next() else { return nil }
        var input = changed
        if options.onlyASCII { Mutator.makeASCII(&input) }
        var trail = MutationTrail(base: entry)
        trail.families = [.comparison]
        trail.words = [word]
        familyCounts[Int(MutationFamily.comparison.rawValue)].uses += 1
        return PendingExecution(request: ExecutionRequest(input: input), purpose: .trial(trail))
    }
}
