extension Fuzzer {
    /// Entries whose recorded comparisons say which ones are the target's own.
    private static let constantLessons: UInt64 = 256

    /// Takes in what the execution of `ticket` showed. Returns what the caller has to do, in order.
    ///
    /// Each ticket is observed exactly once; another use of one traps.
    package mutating func observe(ticket: UInt64, _ observation: Observation) -> [CampaignEvent] {
        guard let pending = inFlight.removeValue(forKey: ticket) else {
            preconditionFailure("ticket \(ticket) is not in flight")
        }
        counters.count(observation.outcome)
        var events: [CampaignEvent] = []
        if observation.outcome == .lost {
            let isGivenUp = repeatLost(pending, &events)
            if isGivenUp {
                finishSeed(pending, &events)
                // Its turn is over without a trial.
                if case .trialComparisons(let entry) = pending.purpose { trialStage.skip(entry) }
            }
            return events
        }
        counters.executions += 1
        counters.operations &+= observation.operations
        switch pending.purpose {
        case .seed:
            counters.seedExecutions += 1
            judge(pending, observation, base: 0, &events)
        case .mutation(let trail, _):
            let isFind = judge(pending, observation, base: trail.base, &events)
            trialStage.budget.observeMutation(isFind: isFind)
        case .trial(let trail):
            let isFind = judge(pending, observation, base: trail.base, &events)
            trialStage.budget.observeTrial(isFind: isFind)
            counters.trialExecutions += 1
            if isFind { counters.trialSuccesses += 1 }
        case .trialComparisons(let entry):
            counters.comparisonExecutions += 1
            takeTrialComparisons(observation, of: entry, input: pending.request.input)
            if observation.outcome.isFinding { reportFailure(pending, observation, &events) }
        case .comparisons(let entry):
            counters.comparisonExecutions += 1
            takeComparisons(observation, of: entry, input: pending.request.input)
            takeWords(observation, of: entry, input: pending.request.input)
            if observation.outcome.isFinding { reportFailure(pending, observation, &events) }
        case .verification(let finding, let key):
            counters.verificationExecutions += 1
            settle(finding, key, pending, observation, &events)
        }
        lengthControl.advance(executions: counters.executions)
        finishSeed(pending, &events)
        updateCounters()
        if counters.executions & (counters.executions - 1) == 0 {
            events.append(.pulse(executions: counters.executions))
        }
        return events
    }

    /// Sends what was seen to the corpus or to the findings. `base` is the entry that was mutated, or 0. True if an entry is new.
    @discardableResult mutating func judge(
        _ pending: PendingExecution, _ observation: Observation, base: CorpusEntryID,
        _ events: inout [CampaignEvent]
    ) -> Bool {
        if observation.outcome.isFinding {
            reportFailure(pending, observation, &events)
        } else if observation.outcome == .passed {
            let input = executedInput(pending, observation)
            // A harness's cross-over may have made more than allowed: such an input is not kept.
            if input.count <= options.maxInputBytes {
                return learn(input, pending.purpose, observation, base: base, &events)
            }
        }
        return false
    }

    /// The corpus judges an input that passed. True if it entered.
    private mutating func learn(
        _ input: [UInt8], _ purpose: ExecutionPurpose, _ observation: Observation, base: CorpusEntryID,
        _ events: inout [CampaignEvent]
    ) -> Bool {
        let verdict = corpus.consider(
            input, counters: observation.counters, base: base,
            durationNanoseconds: observation.durationNanoseconds, isKept: options.keepsSeeds && purpose.isSeed)
        var isNew = false
        switch verdict {
        case .unchanged: return false
        case .added(let entry, let evicted):
            isNew = true
            events.append(
                .newInput(
                    NewInput(
                        entry: entry, bytes: input, origin: purpose.origin,
                        ownedFeatureCount: corpus[entry].ownedFeatureCount,
                        durationNanoseconds: observation.durationNanoseconds,
                        operations: observation.operations)))
            for other in evicted { events.append(.evicted(entry: other, bytes: corpus.bury(other))) }
            requestComparisons(of: entry, input: input)
        case .reduced(let entry, let previousBytes):
            events.append(
                .reducedInput(
                    ReducedInput(
                        entry: entry, bytes: input, previousBytes: previousBytes, origin: purpose.origin)))
        }
        counters.lastNewAtExecution = counters.executions
        lengthControl.corpusChanged(executions: counters.executions)
        reward(purpose)
        return isNew
    }

    /// Remembers the words of a successful mutation, and ends its chain: libFuzzer goes on with a fresh
    /// choice.
    private mutating func reward(_ purpose: ExecutionPurpose) {
        let trail: MutationTrail
        var finished: UInt64?
        switch purpose {
        case .mutation(let from, let number): (trail, finished) = (from, number)
        case .trial(let from): trail = from
        default: return
        }
        for word in trail.words { mutator.context.persistentDictionary.add(word) }
        for family in trail.families { familyCounts[Int(family.rawValue)].successes += 1 }
        if finished != nil && chain?.number == finished { chain = nil }
    }

    private mutating func requestComparisons(of entry: CorpusEntryID, input: [UInt8]) {
        guard options.usesComparisons, !options.hasCustomMutator else { return }
        background.append(
            PendingExecution(
                request: ExecutionRequest(input: input, collectsComparisons: true),
                purpose: .comparisons(entry)))
    }

    private mutating func takeComparisons(_ observation: Observation, of entry: CorpusEntryID, input: [UInt8])
    {
        // What the first entries show is most of what there is to learn.
        if options.triesComparisons && counters.comparisonExecutions <= Self.constantLessons {
            constantComparisons.learn(observation.comparisons, positions: BytePositions(input))
        }
        let chosen = ComparisonTable.select(from: observation.comparisons, input: input)
        corpus.setComparisons(chosen, of: entry)
        for comparison in chosen { mutator.context.recentComparisons.append(comparison) }
    }

    private mutating func takeWords(_ observation: Observation, of entry: CorpusEntryID, input: [UInt8]) {
        let chosen = WordComparisonTable.select(from: observation.wordComparisons, input: input)
        corpus.setWordComparisons(chosen, of: entry)
        for comparison in chosen { mutator.context.recentWords.append(comparison) }
    }

    /// What ran: the request's input, unless the harness crossed it with another or mutated it.
    func executedInput(_ pending: PendingExecution, _ observation: Observation) -> [UInt8] {
        let isFromHarness = pending.request.crossOverPartner != nil || pending.request.customMutatorSeed != nil
        return isFromHarness ? Array(observation.executedInput) : pending.request.input
    }

    private mutating func finishSeed(_ pending: PendingExecution, _ events: inout [CampaignEvent]) {
        guard case .seed = pending.purpose, seeds.finishOne() else { return }
        lengthControl.seedsLoaded(
            largestSizeBytes: corpus.largestSizeBytes, executions: counters.executions)
        updateCounters()
        events.append(.seedsLoaded(corpusCount: corpus.liveCount))
    }

    private mutating func updateCounters() {
        counters.edgesCovered = corpus.features.edgeCount
        counters.features = corpus.features.featureCount
        counters.corpusCount = corpus.liveCount
        counters.corpusBytes = corpus.totalBytes
        counters.lengthLimit = lengthControl.limitBytes
    }
}
