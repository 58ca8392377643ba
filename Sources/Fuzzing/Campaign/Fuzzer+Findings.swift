// Failures: announced once, verified by a second run, repeated when nothing can be said about them.
extension Fuzzer {
    /// An input failed. A failure that is known is only counted.
    mutating func reportFailure(
        _ pending: PendingExecution, _ observation: Observation, _ events: inout [CampaignEvent]
    ) {
        guard let kind = FindingLedger.kind(of: observation.outcome),
            let key = FindingLedger.key(of: observation.outcome, counters: observation.counters),
            ledger.admit(key, kind: kind, counters: observation.counters)
        else { return }
        let input = executedInput(pending, observation)
        let finding = Finding(
            bytes: input, outcome: observation.outcome, repeatedOutcome: nil, isVerified: false,
            origin: pending.purpose.origin, foundAtExecution: counters.executions)
        // A hang may be the machine's bad moment; a crash is worth saving even if it never happens again.
        if kind == .crash || kind == .leak { events.append(.unverifiedFinding(finding)) }
        urgent.append(
            PendingExecution(request: ExecutionRequest(input: input), purpose: .verification(finding, key)))
    }

    /// The second run of a failure is done.
    mutating func settle(
        _ finding: Finding, _ key: FindingLedger.Key, _ pending: PendingExecution, _ observation: Observation,
        _ events: inout [CampaignEvent]
    ) {
        let kind = FindingLedger.kind(of: finding.outcome)
        var settled = finding
        settled.repeatedOutcome = observation.outcome
        settled.isVerified = FindingLedger.kind(of: observation.outcome) == kind
        ledger.settle(
            key, isVerified: settled.isVerified,
            repeatedKey: FindingLedger.key(of: observation.outcome, counters: observation.counters))
        let isAnnouncedAnyway = kind == .crash || kind == .leak
        if settled.isVerified || isAnnouncedAnyway { events.append(.finding(settled)) }
        if settled.isVerified {
            counters.verifiedFindings += 1
        } else {
            counters.unverifiedFindings += 1
            // It ended in another way: that is an observation like any other, of a new failure or of
            // coverage.
            judge(pending, observation, base: 0, &events)
        }
    }

    /// The machine parent went away under an execution: it is run again, unless it keeps happening.
    mutating func repeatLost(_ pending: PendingExecution, _ events: inout [CampaignEvent]) -> Bool {
        var again = pending
        again.lostCount += 1
        if again.lostCount <= Self.maxLostCount {
            urgent.append(again)
            return false
        }
        events.append(.lostInput(bytes: pending.request.input, attempts: again.lostCount))
        if case .verification(let finding, let key) = pending.purpose {
            ledger.settle(key, isVerified: false, repeatedKey: nil)
            var settled = finding
            settled.repeatedOutcome = .lost
            counters.unverifiedFindings += 1
            let kind = FindingLedger.kind(of: finding.outcome)
            if kind == .crash || kind == .leak { events.append(.finding(settled)) }
        }
        return true
    }
}
