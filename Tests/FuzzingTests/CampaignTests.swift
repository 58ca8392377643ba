import Fuzzing
import Testing

@Suite("Simulated campaigns")
struct CampaignTests {
    private func options(seed: UInt64) -> FuzzerOptions {
        var options = FuzzerOptions()
        options.seed = seed
        options.maxInputBytes = 64
        return options
    }

    @Test("a string is found byte by byte", arguments: [UInt64(1), 2, 3], [0, 4, 32])
    func staged(seed: UInt64, lag: Int) {
        var campaign = SimulatedCampaign(
            options: options(seed: seed), lag: lag, target: SimulatedTargets.staged("FUZZ"))
        let executions = campaign.run(limit: 200_000) { $0.isVerifiedFinding }
        #expect(executions != nil, "seed \(seed), lag \(lag)")
        #expect(campaign.fuzzer.corpus.checkInvariants() == [])
    }

    @Test("a 32-bit number is found through its comparison, and not without", arguments: [0, 8])
    func magicNumber(lag: Int) {
        let target = SimulatedTargets.magicNumber(0xDEAD_BEEF)
        var campaign = SimulatedCampaign(options: options(seed: 1), lag: lag, target: target)
        #expect(campaign.run(limit: 50_000) { $0.isVerifiedFinding } != nil)
        var blind = options(seed: 1)
        blind.usesComparisons = false
        var control = SimulatedCampaign(options: blind, lag: lag, target: target)
        #expect(control.run(limit: 50_000) { $0.isVerifiedFinding } == nil)
        #expect(control.requests.allSatisfy { !$0.collectsComparisons })
    }

    @Test("a dictionary's word is used")
    func dictionary() {
        var options = options(seed: 1)
        options.dictionary = [Array("\u{1}secret word\u{2}".utf8)]
        let word = options.dictionary[0]
        var campaign = SimulatedCampaign(options: options) { input, run in
            run.visit(0)
            if input.starts(with: word) { run.outcome = .crashed(signature: "word") }
        }
        #expect(campaign.run(limit: 20_000) { $0.isVerifiedFinding } != nil)
    }

    @Test("same seed, same lag: the same requests and events; another seed: others", arguments: [0, 5])
    func determinism(lag: Int) {
        func campaign(_ seed: UInt64) -> SimulatedCampaign {
            var options = options(seed: seed)
            options.shrinks = lag == 5
            options.hasCustomCrossOver = lag == 5
            var campaign = SimulatedCampaign(options: options, lag: lag, target: SimulatedTargets.lengths)
            _ = campaign.run(limit: 5000)
            return campaign
        }
        let first = campaign(1)
        let second = campaign(1)
        #expect(first.requests == second.requests)
        #expect(first.events == second.events)
        #expect(first.fuzzer.counters == second.fuzzer.counters)
        #expect(first.requests != campaign(2).requests)
        #expect(first.fuzzer.corpus.checkInvariants() == [])
    }

    @Test("the campaign of a seed is the same in every process: a recorded digest of its requests")
    func recordedDigest() {
        var campaign = SimulatedCampaign(
            options: options(seed: 1), lag: 3, target: SimulatedTargets.magicNumber(0x1234_5678))
        _ = campaign.run(limit: 3000)
        var digest: UInt64 = 0
        for request in campaign.requests {
            for byte in request.input {
                digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 &+ 1
            }
        }
        // Mutators and schedule decide it: whoever changes them records the new one. Two runs never differ.
        #expect(digest == 10_916_132_921_926_637_891)
    }

    @Test("observations in any order", arguments: [UInt64(1), 2, 3, 4])
    func anyOrder(seed: UInt64) {
        var options = options(seed: seed)
        options.shrinks = seed % 2 == 0
        var campaign = SimulatedCampaign(options: options, target: SimulatedTargets.lengths)
        var random = RandomSource(seed: seed)
        var inFlight: [(ticket: UInt64, request: ExecutionRequest)] = []
        for _ in 0..<5000 {
            if inFlight.count < 20 && random.coin() {
                inFlight.append(campaign.fuzzer.nextRequest())
            } else if !inFlight.isEmpty {
                _ = campaign.observe(inFlight.remove(at: random.below(inFlight.count)))
            }
        }
        #expect(campaign.fuzzer.inFlightCount == inFlight.count)
        #expect(campaign.fuzzer.counters.corpusCount > 20)
        #expect(campaign.fuzzer.corpus.checkInvariants() == [], "seed \(seed)")
    }

    @Test("seeds run first, smaller first, cut to the maximum; then the campaign says so")
    func seeds() {
        var campaign = SimulatedCampaign(options: options(seed: 1), target: SimulatedTargets.lengths)
        campaign.fuzzer.addSeed([1, 2, 3], name: "three")
        campaign.fuzzer.addSeed([UInt8](repeating: 9, count: 1000), name: "long")
        campaign.fuzzer.addSeed([1], name: "one")
        campaign.fuzzer.addSeed([4, 5, 6], name: "other three")
        #expect(campaign.fuzzer.outstandingSeedCount == 4)
        _ = campaign.run(limit: 4)
        #expect(
            campaign.requests.map(\.input) == [
                [1], [1, 2, 3], [4, 5, 6], [UInt8](repeating: 9, count: 64),
            ])
        #expect(campaign.fuzzer.outstandingSeedCount == 0)
        #expect(campaign.events.contains(.seedsLoaded(corpusCount: campaign.fuzzer.counters.corpusCount)))
        let names = campaign.events.compactMap { event -> String? in
            guard case .newInput(let input) = event, case .seed(let name) = input.origin else { return nil }
            return name
        }
        #expect(names == ["one", "three", "long"])
    }

    @Test("without seeds the empty input and a line feed are run; a target without coverage is told")
    func noSeeds() {
        var campaign = SimulatedCampaign(options: options(seed: 1)) { _, _ in }
        _ = campaign.run(limit: 100)
        #expect(campaign.requests.prefix(2).map(\.input) == [[], [0x0A]])
        #expect(campaign.events.contains(.seedsLoaded(corpusCount: 0)))
        #expect(campaign.requests.dropFirst(2).allSatisfy { !$0.input.isEmpty && $0.input.count <= 64 })
    }

    @Test("pulses at powers of two; counters agree with what was run")
    func counting() {
        var campaign = SimulatedCampaign(options: options(seed: 1), target: SimulatedTargets.lengths)
        _ = campaign.run(limit: 1000)
        let pulses = campaign.events.compactMap { event -> UInt64? in
            if case .pulse(let executions) = event { executions } else { nil }
        }
        #expect(pulses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
        #expect(campaign.fuzzer.counters.executions == 1000)
        #expect(campaign.fuzzer.counters.operations == 3000)
        let uses = campaign.fuzzer.familyCounts.reduce(0) { $0 + $1.uses }
        let counters = campaign.fuzzer.counters
        #expect(uses + counters.seedExecutions + counters.comparisonExecutions == 1000)
    }

    @Test("a harness's cross-over: what it made is what is kept")
    func customCrossOver() {
        var options = options(seed: 3)
        options.hasCustomCrossOver = true
        var campaign = SimulatedCampaign(options: options, target: SimulatedTargets.lengths)
        _ = campaign.run(limit: 20_000)
        let crossed = campaign.requests.filter { $0.crossOverPartner != nil }
        #expect(crossed.count > 100)
        #expect(crossed.allSatisfy { !$0.input.isEmpty && $0.crossOverPartner != [] })
        #expect(campaign.fuzzer.corpus.entries.allSatisfy { $0.bytes.count <= 64 })
    }

    @Test("the trail reads as libFuzzer's log")
    func trail() throws {
        var campaign = SimulatedCampaign(options: options(seed: 1), target: SimulatedTargets.lengths)
        _ = campaign.run(limit: 2000)
        let trails = campaign.events.compactMap { event -> MutationTrail? in
            guard case .newInput(let input) = event, case .mutation(let trail) = input.origin else {
                return nil
            }
            return trail
        }
        #expect(trails.count > 10)
        #expect(trails.allSatisfy { (1...5).contains($0.families.count) })
        let trail = try #require(trails.first)
        #expect(trail.description.hasPrefix("MS: \(trail.families.count) \(trail.families[0].name)-"))
    }
}
