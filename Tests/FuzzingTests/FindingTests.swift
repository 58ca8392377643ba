import Fuzzing
import Testing

@Suite("Findings")
struct FindingTests {
    /// A campaign whose every input ends as `outcome` says, given how often inputs were run before.
    private func campaign(
        lag: Int = 0, limit: Int = 50,
        _ outcome: @escaping (_ input: [UInt8], _ run: inout SimulatedExecution) -> Void
    ) -> SimulatedCampaign {
        var campaign = SimulatedCampaign(options: FuzzerOptions(), lag: lag, target: outcome)
        _ = campaign.run(limit: limit)
        return campaign
    }

    private func findings(_ campaign: SimulatedCampaign) -> [Finding] {
        campaign.events.compactMap { if case .finding(let finding) = $0 { finding } else { nil } }
    }

    private func unverified(_ campaign: SimulatedCampaign) -> [Finding] {
        campaign.events.compactMap { if case .unverifiedFinding(let finding) = $0 { finding } else { nil } }
    }

    @Test(
        "a crash is announced at once, verified by the same bytes, and later only counted", arguments: [0, 7])
    func crash(lag: Int) {
        let campaign = campaign(lag: lag) { _, run in
            run.visit(0)
            run.outcome = .crashed(signature: "always")
        }
        #expect(unverified(campaign).count == 1)
        #expect(findings(campaign).map(\.isVerified) == [true])
        #expect(findings(campaign).first?.bytes == unverified(campaign).first?.bytes)
        #expect(campaign.fuzzer.counters.crashes == UInt64(50 - lag))
        #expect(campaign.fuzzer.counters.corpusCount == 0)
        #expect(campaign.fuzzer.counters.verifiedFindings == 1)
    }

    @Test("each signature once")
    func signatures() {
        let campaign = campaign(limit: 3000) { input, run in
            run.visit(0)
            run.outcome = .crashed(signature: "stack \(input.count % 3)")
        }
        #expect(Set(findings(campaign).map { "\($0.outcome)" }).count == 3)
        #expect(findings(campaign).count == 3)
    }

    @Test("a crash that does not happen again is reported as unverified, at most three times")
    func flaky() {
        var seen = 0
        let campaign = campaign(limit: 200) { _, run in
            run.visit(0)
            seen += 1
            if seen % 2 == 1 { run.outcome = .crashed(signature: "flaky") }
        }
        #expect(findings(campaign).count == 3)
        #expect(findings(campaign).allSatisfy { !$0.isVerified && $0.repeatedOutcome == .passed })
        #expect(campaign.fuzzer.counters.unverifiedFindings == 3)
    }

    @Test(
        "timeouts and memory exhaustion are announced only after they happened again",
        arguments: [Outcome.timedOut, .outOfMemory])
    func silent(outcome: Outcome) {
        let steady = campaign { _, run in
            run.visit(0)
            run.outcome = outcome
        }
        #expect(unverified(steady).isEmpty)
        #expect(findings(steady).map(\.isVerified) == [true])
        var seen = 0
        let once = campaign { _, run in
            run.visit(0)
            seen += 1
            if seen == 1 { run.outcome = outcome }
        }
        #expect(unverified(once).isEmpty && findings(once).isEmpty)
        // The second run passed: its coverage counts.
        #expect(once.fuzzer.counters.corpusCount == 1)
    }

    @Test("hangs are limited: distinct edges, and after sixteen a new edge")
    func hangs() {
        let campaign = campaign(limit: 20_000) { input, run in
            for byte in input.prefix(3) { run.visit(UInt32(byte & 7)) }
            if !input.isEmpty { run.outcome = .timedOut }
        }
        #expect((8...24).contains(findings(campaign).count), "\(findings(campaign).count)")
    }

    @Test("a rejected input is not kept")
    func rejected() {
        let campaign = campaign { _, run in
            run.visit(0)
            run.outcome = .rejected
        }
        #expect(campaign.fuzzer.counters.corpusCount == 0)
        #expect(campaign.fuzzer.counters.features == 0)
        #expect(campaign.fuzzer.counters.rejected == 50)
    }

    @Test("a lost execution is run again three times, then given up", arguments: [0, 4])
    func lost(lag: Int) {
        var campaign = SimulatedCampaign(options: FuzzerOptions(), lag: lag) { input, run in
            run.visit(0)
            if input == [6, 6, 6] { run.outcome = .lost }
        }
        campaign.fuzzer.addSeed([6, 6, 6], name: "killer")
        campaign.fuzzer.addSeed([1], name: "harmless")
        _ = campaign.run(limit: 100)
        #expect(campaign.requests.filter { $0.input == [6, 6, 6] }.count == 4)
        #expect(campaign.events.contains(.lostInput(bytes: [6, 6, 6], attempts: 4)))
        #expect(campaign.events.contains(.seedsLoaded(corpusCount: 1)))
        #expect(campaign.fuzzer.counters.lost == 4)
    }

    @Test("crashing under comparisons, leaking, and a second stack on the re-run")
    func oddities() {
        var runs = 0
        let changing = campaign(limit: 40) { _, run in
            run.visit(0)
            runs += 1
            run.outcome = .crashed(signature: runs == 2 ? "second" : "first")
        }
        #expect(findings(changing).count == 1)
        #expect(findings(changing).first?.repeatedOutcome == .crashed(signature: "second"))
        let leaking = campaign { _, run in run.outcome = .leaked(signature: "leak") }
        #expect(findings(leaking).map(\.outcome) == [.leaked(signature: "leak")])
        #expect(leaking.fuzzer.counters.leaks == 50)
    }
}
