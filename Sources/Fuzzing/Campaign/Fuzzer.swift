/// The fuzzing engine: says what to run next and learns from what was seen.
///
/// Owned by one thread of the daemon. Pure: given the same options and seeds and the same order of
/// `nextRequest` and `observe` calls with the same observations, it makes the same requests and events, in
/// every process. Any number of requests may be in flight, and they may be observed in any order; a caller
/// that wants the same campaign again keeps the lag between request and observation fixed, which one worker
/// with a full pipeline does by itself.
package struct Fuzzer {
    /// Machine parents that may be lost with one input before it is given up.
    package static let maxLostCount = 3

    package let options: FuzzerOptions
    package internal(set) var corpus: Corpus
    /// Read it after the events of an `observe` call were carried out; see `CampaignEvent`.
    package internal(set) var counters = CampaignCounters()
    /// Uses and successes of each family, in the order of `MutationFamily.allCases`.
    package internal(set) var familyCounts = MutationFamily.allCases.map { MutationFamilyCount(family: $0) }

    var mutator: Mutator
    var random: RandomSource
    var lengthControl: LengthControl
    var ledger: FindingLedger
    var trialStage = TrialStage()
    var constantComparisons = ConstantComparisons()
    var seeds: SeedQueue
    /// Runs that say whether a finding is real, and runs to repeat after a loss: few, and somebody waits for
    /// them.
    var urgent = ExecutionQueue()
    /// Runs that only help later mutations.
    var background = ExecutionQueue()
    var inFlight: [UInt64: PendingExecution] = [:]
    var chain: MutationChain?
    private var nextTicket: UInt64 = 0
    private var nextChain: UInt64 = 0

    package init(options: FuzzerOptions) {
        precondition(options.maxInputBytes > 0, "inputs have at least one byte")
        precondition(options.mutationDepth > 0, "at least one mutation is made of each choice")
        self.options = options
        // Two independent streams: what is chosen does not depend on how many draws a mutation needs.
        random = RandomSource(seed: options.seed)
        mutator = Mutator(
            seed: random.next(), maxSizeBytes: options.maxInputBytes, dictionary: options.dictionary,
            usesComparisons: options.usesComparisons, hasCustomCrossOver: options.hasCustomCrossOver,
            hasCustomMutator: options.hasCustomMutator, crossesOver: options.crossesOver,
            isOnlyASCII: options.onlyASCII)
        seeds = SeedQueue(order: options.seedOrder, seed: options.seed)
        corpus = Corpus(options)
        lengthControl = LengthControl(control: options.lengthControl, maxInputBytes: options.maxInputBytes)
        ledger = FindingLedger(maxPerKind: options.maxFindingsPerKind, maxEdges: options.maxEdges)
        counters.lengthLimit = lengthControl.limitBytes
    }

    /// Adds a loaded input. Seeds run before all mutants, smaller first; longer ones than allowed are cut,
    /// as libFuzzer does. Without any, the empty input and a line feed are the seeds.
    package mutating func addSeed(_ bytes: [UInt8], name: String) {
        seeds.add(Array(bytes.prefix(options.maxInputBytes)), name: name)
    }

    /// Requests that were made and not observed yet.
    package var inFlightCount: Int { inFlight.count }

    /// Seeds that were added and not observed yet; a campaign of `--runs 0` ends when it is 0.
    package var outstandingSeedCount: Int { seeds.outstandingCount }

    /// Words that led to new coverage, in the order of discovery (libFuzzer's "recommended dictionary").
    package var recommendedDictionary: [[UInt8]] { mutator.context.persistentDictionary.words }

    /// What to run next. Never runs out.
    package mutating func nextRequest() -> (ticket: UInt64, request: ExecutionRequest) {
        let pending = nextPending()
        let ticket = nextTicket
        nextTicket += 1
        inFlight[ticket] = pending
        var request = pending.request
        // What is reported is the second run of a failure.
        request.tracesAllocations = pending.purpose.isVerification
        return (ticket, request)
    }

    private mutating func nextPending() -> PendingExecution {
        if !seeds.wasEverFilled {
            seeds.add([], name: "")
            seeds.add([0x0A], name: "")
        }
        if let pending = urgent.popFirst() { return pending }
        if let seed = seeds.popFirst() {
            return PendingExecution(
                request: ExecutionRequest(input: seed.bytes), purpose: .seed(name: seed.name))
        }
        if let pending = background.popFirst() { return pending }
        if let trial = nextTrial() { return trial }
        trialStage.budget.earn()
        return nextMutation()
    }

    private mutating func nextMutation() -> PendingExecution {
        var current = chain ?? beginChain()
        chain = nil
        mutator.context.usedWords.removeAll(keepingCapacity: true)
        let family = mutator.mutate(&current.bytes)
        current.stepsLeft -= 1
        current.trail.families.append(family)
        current.trail.words.append(contentsOf: mutator.context.usedWords)
        familyCounts[Int(family.rawValue)].uses += 1
        if current.trail.base != 0 { corpus.noteMutation(of: current.trail.base) }
        var request = ExecutionRequest(input: current.bytes)
        if family == .customCrossOver {
            request.crossOverPartner = mutator.context.crossOverPartner
            request.crossOverSeed = UInt32(truncatingIfNeeded: random.next())
        }
        if family == .custom { request.customMutatorSeed = UInt32(truncatingIfNeeded: random.next()) }
        // What the harness makes of it is known only later: nothing can be stacked on it now.
        if family == .custom || family == .customCrossOver { current.stepsLeft = 0 }
        let pending = PendingExecution(
            request: request, purpose: .mutation(current.trail, chain: current.number))
        if current.stepsLeft > 0 { chain = current }
        return pending
    }

    /// Chooses an entry and sets up what its mutations may use.
    private mutating func beginChain() -> MutationChain {
        nextChain += 1
        // Before the first seed was observed there is nothing to choose from: grow something from nothing.
        let base = corpus.choose(using: &random) ?? 0
        let bytes = base == 0 ? [] : corpus[base].bytes
        beginTrials()
        let partner =
            (options.choosesPartnersUniformly
                ? corpus.chooseUniformly(using: &random) : corpus.choose(using: &random)) ?? 0
        mutator.context.crossOverPartner = partner == 0 ? [] : corpus[partner].bytes
        mutator.context.comparisons = base == 0 ? [] : corpus[base].comparisons
        mutator.context.wordComparisons = base == 0 ? [] : corpus[base].wordComparisons
        // An entry longer than the limit may be mutated at its own length.
        mutator.context.maxSizeBytes = min(options.maxInputBytes, max(bytes.count, lengthControl.limitBytes))
        return MutationChain(
            number: nextChain, bytes: bytes, trail: MutationTrail(base: base),
            stepsLeft: options.mutationDepth)
    }
}

/// Mutations stacked on one choice from the corpus; every step is run. Ends early when a step found
/// something.
struct MutationChain {
    var number: UInt64
    var bytes: [UInt8]
    var trail: MutationTrail
    var stepsLeft: Int
}

extension Fuzzer {
    /// Whether the next request repeats a failure or a lost input; a campaign that ends runs these first.
    package var hasUrgentRequests: Bool { !urgent.isEmpty }
}
