/// Takes whole operations away, long stretches first, until each that is left is needed.
struct OperationRemoval: ReductionPass {
    let name = "operations"
    private var cursor = ChunkCursor(repeatsSingles: true)

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        var parsed = GenericFuzzInput(input)
        guard let chunk = cursor.chunk(count: parsed.operations.count) else { return nil }
        parsed.operations.removeSubrange(chunk)
        return parsed.bytes
    }

    mutating func advance(isAccepted: Bool) { cursor.advance(isTaken: isAccepted) }
}

/// Takes any two operations away at once: one that adds a DMA pattern and one that uses it up are needed together or not at all.
struct OperationPairRemoval: ReductionPass {
    let name = "pairs of operations"
    /// With more operations the pairs are too many.
    private static let maxOperations = 32
    private var first = 0
    private var second = 1

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        var parsed = GenericFuzzInput(input)
        let count = parsed.operations.count
        guard count <= Self.maxOperations else { return nil }
        if second >= count {
            first += 1
            second = first + 1
        }
        guard second < count else { return nil }
        parsed.operations.remove(at: second)
        parsed.operations.remove(at: first)
        return parsed.bytes
    }

    mutating func advance(isAccepted: Bool) {
        if isAccepted {
            first = 0
            second = 1
        } else {
            second += 1
        }
    }
}

/// Takes a few operations away at random: what neither stretches nor pairs come to. Draws as `RandomByteRemoval` does.
struct RandomOperationRemoval: ReductionPass {
    let name = "random operations"
    private let seed: UInt64
    private var number: UInt64 = 0
    private static let triesPerOperation = 4
    private static let maxTries = 256

    init(seed: UInt64) {
        self.seed = seed
    }

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        var parsed = GenericFuzzInput(input)
        let count = parsed.operations.count
        guard count > 2, number < UInt64(min(Self.maxTries, Self.triesPerOperation * count)) else { return nil }
        var random = RandomSource(seed: seed &+ number)
        for _ in 0..<(2 + random.below(3)) where parsed.operations.count > 1 {
            parsed.operations.remove(at: random.below(parsed.operations.count))
        }
        return parsed.bytes
    }

    mutating func advance(isAccepted: Bool) { number = isAccepted ? 0 : number + 1 }
}

/// Gives operations their plainest form, all at once; one after the other where that changes the failure.
struct CanonicalOperations: ReductionPass {
    let name = "canonical form"
    /// `nil` means all operations.
    private var index: Int?
    private var isDone = false

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        guard !isDone else { return nil }
        var parsed = GenericFuzzInput(input)
        guard let start = index else {
            parsed.operations = parsed.operations.map(\.canonical)
            return parsed.bytes
        }
        guard
            let next = (start..<max(start, parsed.operations.count))
                .first(where: { parsed.operations[$0].canonical != parsed.operations[$0] })
        else { return nil }
        index = next
        parsed.operations[next] = parsed.operations[next].canonical
        return parsed.bytes
    }

    mutating func advance(isAccepted: Bool) {
        if let index {
            self.index = index + 1
        } else if isAccepted {
            isDone = true
        } else {
            index = 0
        }
    }
}

/// Makes the numbers in operations smaller: values, offsets, which region, how many bytes.
struct OperandReduction: ReductionPass {
    let name = "operands"
    private var operation = 0
    private var field = 0
    private var choice = 0

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        var parsed = GenericFuzzInput(input)
        while operation < parsed.operations.count {
            let present = parsed.operations[operation]
            let fields = present.fields
            while field < fields.count {
                let values = Self.simpler(present.value(of: fields[field]), fields[field].meaning)
                if choice < values.count {
                    parsed.operations[operation] = present.replacing(fields[field], with: values[choice])
                    return parsed.bytes
                }
                field += 1
                choice = 0
            }
            operation += 1
            field = 0
        }
        return nil
    }

    mutating func advance(isAccepted: Bool) { choice = isAccepted ? 0 : choice + 1 }

    private static func simpler(_ value: UInt64, _ meaning: GenericFuzzOperation.Field.Meaning) -> [UInt64] {
        meaning == .number ? SimplerValues.of(value) : SimplerValues.ofChoice(value)
    }
}

/// Makes DMA patterns shorter, then zero where they can be, then smaller.
struct PatternReduction: ReductionPass {
    let name = "DMA patterns"
    private var operation = 0
    private var steps = Self.steps
    private static let steps: [any ReductionPass] = [ByteRemoval(), ByteReplacement(), ByteLowering()]

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        var parsed = GenericFuzzInput(input)
        while operation < parsed.operations.count {
            let present = parsed.operations[operation]
            if let place = present.pattern, let pattern = shorterOrSmaller(Array(present.bytes[place])) {
                let changed = GenericFuzzOperation(Array(present.bytes[..<place.lowerBound]) + pattern)
                parsed.operations[operation] = present.canonical == present ? changed.canonical : changed
                return parsed.bytes
            }
            operation += 1
            steps = Self.steps
        }
        return nil
    }

    /// The first step's next candidate; one without bytes would be no pattern.
    private mutating func shorterOrSmaller(_ pattern: [UInt8]) -> [UInt8]? {
        while !steps.isEmpty {
            while let candidate = steps[0].candidate(of: pattern) {
                if !candidate.isEmpty { return candidate }
                steps[0].advance(isAccepted: false)
            }
            steps.removeFirst()
        }
        return nil
    }

    mutating func advance(isAccepted: Bool) {
        if !steps.isEmpty { steps[0].advance(isAccepted: isAccepted) }
    }
}
