import Testing

import Daemon

/// How often candidates of a flaky artifact are run.
@Suite("Trial policy")
struct TrialPolicyTests {
    @Test func whatFailsEachTimeIsRunOnce() {
        #expect(TrialPolicy(failures: 10, of: 10) == .once)
        #expect(TrialPolicy(failures: 5, of: 5) == .once)
    }

    @Test(arguments: [(1, 50, 3), (2, 25, 3), (3, 17, 3), (5, 10, 3), (9, 6, 3)])
    func fiveFailuresAreExpectedAndThreeAskedFor(failures: Int, runs: Int, needed: Int) {
        #expect(TrialPolicy(failures: failures, of: 10) == TrialPolicy(runs: runs, needed: needed))
    }

    @Test func aNumberOfRunsThatIsAskedForHolds() {
        #expect(TrialPolicy(failures: 10, of: 10, runs: 5) == TrialPolicy(runs: 5, needed: 3))
        #expect(TrialPolicy(failures: 1, of: 10, runs: 4) == TrialPolicy(runs: 4, needed: 1))
        #expect(TrialPolicy(failures: 10, of: 10, runs: 1) == .once)
    }

    @Test func noMoreRunsThanItTakesToTell() {
        let policy = TrialPolicy(runs: 5, needed: 2)
        #expect(policy.verdict(failures: 0, runs: 3) == nil)
        #expect(policy.verdict(failures: 0, runs: 4) == false)
        #expect(policy.verdict(failures: 1, runs: 4) == nil)
        #expect(policy.verdict(failures: 1, runs: 5) == false)
        #expect(policy.verdict(failures: 2, runs: 2) == true)
        #expect(TrialPolicy.once.verdict(failures: 1, runs: 1) == true && TrialPolicy.once.verdict(failures: 0, runs: 1) == false)
    }
}

/// What stands on a terminal of some width while an artifact is made smaller.
@Suite("Progress of minimising")
struct MinimizeProgressTests {
    private func line(_ width: Int) -> String {
        MinimizeProgress.line(
            width: width, share: 0.5, size: "12 operations, 340 bytes", place: "round 1, random operations", tries: "1,234 tries",
            rate: "1.20k/s")
    }

    @Test func allOfItWhereThereIsRoom() {
        #expect(
            line(119) == "[##########..........] 12 operations, 340 bytes; round 1, random operations; 1,234 tries, 1.20k/s")
    }

    @Test func nothingIsCutInTheMiddle() {
        #expect(line(79) == "[##########..........] 12 operations, 340 bytes; 1,234 tries")
        #expect(line(59) == "[#####.....] 12 operations, 340 bytes; 1,234 tries")
        #expect(line(39) == "[#####.....] 12 operations, 340 bytes")
        #expect(line(25) == "12 operations, 340 bytes")
        for width in 0...140 { #expect(line(width).count <= width) }
    }
}
