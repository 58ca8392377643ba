import Reproducers

/// What a script did on a program, in several runs.
struct Confirmation {
    /// What one run was, compared with the artifact's failure on its own target.
    enum Outcome: Equatable {
        case same(by: String)
        case other(String)
        case none
    }

    let feeding: QTestProcess.Feeding
    let outcomes: [Outcome]
    /// Of the first run that failed.
    let summary: String?

    /// Runs the script.
    init(_ program: ConfirmedProgram, _ commands: [QTestCommand], _ failure: FailureEvidence, _ feeding: QTestProcess.Feeding, runs: Int) {
        self.feeding = feeding
        var outcomes: [Outcome] = []
        var summary: String?
        for _ in 0..<runs {
            let found = Self.evidence(program.run(commands, feeding))
            outcomes.append(Self.compare(found, failure))
            summary = summary ?? found?.summary
        }
        self.outcomes = outcomes
        self.summary = summary
    }

    static func outcome(_ program: ConfirmedProgram, _ commands: [QTestCommand], _ failure: FailureEvidence, _ feeding: QTestProcess.Feeding)
        -> Outcome
    {
        compare(evidence(program.run(commands, feeding)), failure)
    }

    private static func compare(_ found: FailureEvidence?, _ wanted: FailureEvidence) -> Outcome {
        guard let found else { return .none }
        return wanted.agreement(with: found).map(Outcome.same) ?? .other(found.summary)
    }

    /// `nil`: it went well.
    private static func evidence(_ result: QTestProcess.Result) -> FailureEvidence? {
        switch result.end {
        case .answered, .exited(0): nil
        case .signalled(let number): FailureEvidence(kind: .crash, signal: number, output: result.errorOutput)
        case .exited, .notStarted: FailureEvidence(kind: .crash, output: result.errorOutput)
        case .silent: FailureEvidence(kind: .hang, output: result.errorOutput)
        case .tooLarge: FailureEvidence(kind: .memory, output: result.errorOutput)
        }
    }

    var sameCount: Int { outcomes.count { if case .same = $0 { true } else { false } } }
    var isAlwaysEqual: Bool { Set(outcomes.map(Self.word)).count == 1 }
    /// Nothing at all happened.
    var isNone: Bool { outcomes.allSatisfy { $0 == .none } }

    /// `same crash in 5 of 5 runs (the same words): …`
    var text: String {
        var counts: [(word: String, count: Int)] = []
        for word in outcomes.map(Self.word) {
            if let index = counts.firstIndex(where: { $0.word == word }) { counts[index].count += 1 } else { counts.append((word, 1)) }
        }
        return counts.map { "\($0.word) in \($0.count) of \(outcomes.count) runs" }.joined(separator: ", ")
            + (isAlwaysEqual ? "" : "; not the same each time")
    }

    private static func word(_ outcome: Outcome) -> String {
        switch outcome {
        case .same(let reason): "same failure (\(reason))"
        case .other(let summary): "another failure (\(summary))"
        case .none: "no failure"
        }
    }
}
