/// Why a request was made; decides what its observation means.
enum ExecutionPurpose {
    case seed(name: String)
    case mutation(MutationTrail, chain: UInt64)
    /// An entry with bytes that it compared replaced.
    case trial(MutationTrail)
    /// Another run of an entry with comparisons recorded, to make its trials.
    case trialComparisons(CorpusEntryID)
    /// Second run of a new entry with comparisons recorded.
    case comparisons(CorpusEntryID)
    /// Second run of an input that failed.
    case verification(Finding, FindingLedger.Key)

    var isSeed: Bool {
        if case .seed = self { true } else { false }
    }

    var isVerification: Bool {
        if case .verification = self { true } else { false }
    }

    /// Origin of the input, for events.
    var origin: InputOrigin {
        switch self {
        case .seed(let name): .seed(name: name)
        case .mutation(let trail, _), .trial(let trail): .mutation(trail)
        case .comparisons(let entry), .trialComparisons(let entry): .mutation(MutationTrail(base: entry))
        case .verification(let finding, _): finding.origin
        }
    }
}

/// A request that was made, or waits to be.
struct PendingExecution {
    var request: ExecutionRequest
    var purpose: ExecutionPurpose
    /// Machine parents that were lost with it.
    var lostCount = 0
}

/// First in, first out; what was taken is released in bulk.
struct ExecutionQueue {
    private var elements: [PendingExecution?] = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }

    mutating func append(_ element: PendingExecution) {
        elements.append(element)
    }

    mutating func popFirst() -> PendingExecution? {
        guard head < elements.count else { return nil }
        let first = elements[head]
        elements[head] = nil
        head += 1
        if head == elements.count || head >= 4096 {
            elements.removeFirst(head)
            head = 0
        }
        return first
    }
}
