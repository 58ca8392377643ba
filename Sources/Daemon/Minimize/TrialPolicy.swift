/// How often a candidate is run, and how often it has to fail to be taken. A value.
///
/// An artifact that fails in a share of its runs is made smaller by candidates that fail about as often. The runs are so many that
/// the artifact itself would be expected to fail five times, and three failures are asked for: it would be taken in nine of ten cases,
/// what fails a third as often in two of ten, what fails a tenth as often in one of seventy.
package struct TrialPolicy: Sendable, Equatable {
    package var runs: Int
    package var needed: Int

    /// Of an artifact that fails each time.
    package static let once = TrialPolicy(runs: 1, needed: 1)

    private static let expectedFailures = 5.0
    private static let neededShare = 0.6
    private static let mostRuns = 50

    package init(runs: Int, needed: Int) {
        self.runs = runs
        self.needed = needed
    }

    /// - Parameters:
    ///   - failures: of the artifact, at least one, in `total` runs.
    ///   - runs: what the user asked for; `nil` decides here.
    package init(failures: Int, of total: Int, runs: Int? = nil) {
        let share = Double(failures) / Double(total)
        guard runs != nil || failures < total else {
            self = .once
            return
        }
        self.runs = runs ?? min(Self.mostRuns, Int((Self.expectedFailures / share).rounded(.up)))
        needed = max(1, Int((Self.neededShare * share * Double(self.runs)).rounded()))
    }

    /// What is known after some runs; `nil` while more are needed.
    package func verdict(failures: Int, runs: Int) -> Bool? {
        if failures >= needed { return true }
        return failures + (self.runs - runs) < needed ? false : nil
    }
}
