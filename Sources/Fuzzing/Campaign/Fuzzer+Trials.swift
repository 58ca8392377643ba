/// Comparison trials within a campaign; see `TrialStage`.
extension Fuzzer {
    /// Begins the next entry's turn, unless another one's is not over.
    mutating func beginTrials() {
        guard options.triesComparisons, options.usesComparisons, !options.hasCustomMutator,
            let entry = trialStage.beginTurn(among: corpus.entries)
        else { return }
        background.append(
            PendingExecution(
                request: ExecutionRequest(input: corpus[entry].bytes, collectsComparisons: true), purpose: .trialComparisons(entry)))
    }

    /// The comparisons of the entry whose turn it is.
    mutating func takeTrialComparisons(_ observation: Observation, of entry: CorpusEntryID, input: [UInt8]) {
        guard observation.outcome == .passed else { return trialStage.skip(entry) }
        let positions = BytePositions(input)
        constantComparisons.learn(observation.comparisons, positions: positions)
        trialStage.take(
            observation.comparisons.filter { !constantComparisons.contains($0) }, observation.wordComparisons, of: entry, at: positions,
            dictionary: mutator.context.manualDictionary)
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
