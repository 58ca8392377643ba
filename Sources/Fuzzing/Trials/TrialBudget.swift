/// The share of a campaign's runs that trials get: half while they find at least as much as random mutations do, a fifth otherwise.
///
/// What is found is counted over the latest runs of each kind, so that the share follows a campaign.
package struct TrialBudget: Sendable {
    /// What a run of one kind led to; old runs fade.
    private struct Yield {
        var runs = 0
        var finds = 0

        mutating func count(isFind: Bool) {
            runs += 1
            if isFind { finds += 1 }
            if runs == TrialBudget.window {
                runs /= 2
                finds /= 2
            }
        }
    }

    fileprivate static let window = 8192
    /// Trials before their yield is judged.
    private static let grace = 1024
    private static let price = 8
    private static let leastEarning = 2
    private static let maxCredit = 8 * price
    private var trials = Yield()
    private var mutations = Yield()
    private var credit = 0

    package init() {}

    /// A random mutation was made: trials earn.
    package mutating func earn() {
        credit = min(Self.maxCredit, credit + (isWorthwhile ? Self.price : Self.leastEarning))
    }

    /// Pays for a trial; false when there is no credit.
    package mutating func spend() -> Bool {
        guard credit >= Self.price else { return false }
        credit -= Self.price
        return true
    }

    package mutating func observeTrial(isFind: Bool) { trials.count(isFind: isFind) }
    package mutating func observeMutation(isFind: Bool) { mutations.count(isFind: isFind) }

    /// Whether a trial finds as often as a mutation, or it is too early to know.
    package var isWorthwhile: Bool {
        trials.runs < Self.grace || trials.finds * mutations.runs >= mutations.finds * trials.runs
    }
}
