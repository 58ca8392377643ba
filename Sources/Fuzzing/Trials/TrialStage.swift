/// Takes one corpus entry at a time through some of its trials.
///
/// An entry's turn comes when the schedule chooses it, until all its trials were made: its comparisons are recorded anew, because there
/// are more of them than are kept with each entry, then the next of its trials run among the mutations, as many as `TrialBudget`
/// allows. Owned by `Fuzzer`.
struct TrialStage {
    /// Trials in one turn: no entry keeps the others waiting.
    static let trialsPerTurn = 512

    private enum State {
        case idle
        /// The run that records the comparisons is on its way.
        case waiting(CorpusEntryID)
        case trying(CorpusEntryID, input: [UInt8], trials: ArraySlice<ComparisonTrial>)
    }

    private var state = State.idle
    private var memory = TrialMemory()
    /// Trials that each entry has behind it, by number; -1: all.
    private var progress: [Int32] = []
    var budget = TrialBudget()

    /// True if a turn of the entry begins now: then a run that records its comparisons is to be made.
    mutating func begin(_ entry: CorpusEntryID) -> Bool {
        guard case .idle = state else { return false }
        let index = Int(entry)
        if index >= progress.count { progress += [Int32](repeating: 0, count: index + 1 - progress.count) }
        guard progress[index] >= 0 else { return false }
        state = .waiting(entry)
        return true
    }

    /// The recording run ended with all `trials` of the entry; there are none where it failed.
    mutating func take(_ trials: [ComparisonTrial], of entry: CorpusEntryID, input: [UInt8]) {
        guard case .waiting(entry) = state else { return }
        let index = Int(entry)
        // What was tried too often with other inputs takes no time, and is no part of the turn.
        var chosen: [ComparisonTrial] = []
        var next = Int(progress[index])
        while next < trials.count && chosen.count < Self.trialsPerTurn {
            let trial = trials[next]
            next += 1
            if memory.admits(trial, in: input) { chosen.append(trial) }
        }
        progress[index] = next >= trials.count ? -1 : Int32(next)
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
