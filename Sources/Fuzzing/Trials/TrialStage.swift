/// Takes the corpus entries through their trials, one after the other in the order of their arrival.
///
/// In an entry's turn, of which there is one, its comparisons are recorded anew, because there are more of them than are kept with each
/// entry; then its trials run among the mutations, as many as `TrialBudget` allows. Owned by `Fuzzer`.
struct TrialStage {
    private enum State {
        case idle
        /// The run that records the comparisons is on its way.
        case waiting(CorpusEntryID)
        case trying(CorpusEntryID, input: [UInt8], trials: ArraySlice<ComparisonTrial>)
    }

    private var state = State.idle
    private var trialMemory = TrialMemory()
    private var comparisonMemory = ComparisonMemory()
    private var lastEntry: CorpusEntryID = 0
    var budget = TrialBudget()

    /// Whether the next turn can begin.
    var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    /// The entry whose turn is next, where one is left; then a run that records its comparisons is to be made.
    mutating func beginTurn(among entries: [CorpusEntry]) -> CorpusEntryID? {
        guard isIdle else { return nil }
        while Int(lastEntry) < entries.count {
            lastEntry += 1
            if !entries[Int(lastEntry) - 1].isEvicted {
                state = .waiting(lastEntry)
                return lastEntry
            }
        }
        return nil
    }

    /// The recording run failed: there is nothing to try.
    mutating func skip(_ entry: CorpusEntryID) {
        if case .waiting(entry) = state { state = .idle }
    }

    /// The recording run ended with these comparisons.
    mutating func take(
        _ comparisons: [Comparison], _ words: [WordComparison], of entry: CorpusEntryID, at positions: BytePositions, dictionary: [[UInt8]]
    ) {
        guard case .waiting(entry) = state else { return }
        let input = positions.input
        let news = comparisons.filter { comparisonMemory.admits($0) }
        let trials = ComparisonTrials.list(at: positions, comparisons: news, words: words, dictionary: dictionary)
        let chosen = trials.filter { trialMemory.admits($0, in: input) }
        state = chosen.isEmpty ? .idle : .trying(entry, input: input, trials: chosen[...])
    }

    /// The next changed input and the entry that it was made from; nil where there is none, or no budget for one.
    mutating func next() -> (entry: CorpusEntryID, input: [UInt8], word: [UInt8])? {
        guard case .trying(let entry, let input, var trials) = state, budget.spend() else { return nil }
        let trial = trials.removeFirst()
        state = trials.isEmpty ? .idle : .trying(entry, input: input, trials: trials)
        return (entry, trial.applied(to: input), trial.bytes)
    }
}
