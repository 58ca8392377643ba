/// Takes one corpus entry at a time through its trials.
///
/// An entry's turn comes once, when the schedule chooses it: its comparisons are recorded anew, because there are more of them than
/// are kept with each entry, then its trials run among the mutations, as many as `TrialBudget` allows. Owned by `Fuzzer`.
struct TrialStage {
    private enum State {
        case idle
        /// The run that records the comparisons is on its way.
        case waiting(CorpusEntryID)
        case trying(CorpusEntryID, input: [UInt8], trials: [ComparisonTrial], next: Int)
    }

    private var state = State.idle
    private var memory = TrialMemory()
    /// Entries that had their turn, by number.
    private var hadTurn: [Bool] = []
    var budget = TrialBudget()

    /// True if the entry's turn begins now: then a run that records its comparisons is to be made.
    mutating func begin(_ entry: CorpusEntryID) -> Bool {
        guard case .idle = state else { return false }
        let index = Int(entry)
        if index >= hadTurn.count { hadTurn += [Bool](repeating: false, count: index + 1 - hadTurn.count) }
        guard !hadTurn[index] else { return false }
        hadTurn[index] = true
        state = .waiting(entry)
        return true
    }

    /// The recording run ended; `trials` is empty where there is nothing to try.
    mutating func take(_ trials: [ComparisonTrial], of entry: CorpusEntryID, input: [UInt8]) {
        guard case .waiting(entry) = state else { return }
        state = trials.isEmpty ? .idle : .trying(entry, input: input, trials: trials, next: 0)
    }

    /// The next changed input and the entry that it was made from; nil where there is none, or no budget for one.
    mutating func next() -> (entry: CorpusEntryID, input: [UInt8], word: [UInt8])? {
        guard case .trying(let entry, let input, let trials, var index) = state, budget.spend() else { return nil }
        while index < trials.count {
            let trial = trials[index]
            index += 1
            guard let changed = trial.applied(to: input), memory.admits(trial, in: input) else { continue }
            state = .trying(entry, input: input, trials: trials, next: index)
            return (entry, changed, trial.bytes)
        }
        state = .idle
        return nil
    }
}
