import Fuzzing

/// Something that fails for some inputs, as a function: what the minimiser's properties are tested on.
struct FailingTarget: Sendable {
    let name: String
    let format: InputFormat
    let fails: @Sendable ([UInt8]) -> Bool

    static let all: [FailingTarget] = [contains, counted, checksummed, anything, registers, rotation]

    /// Two words in this order, anything between them.
    static let contains = FailingTarget(name: "two words", format: .bytes) { input in
        guard let first = end(of: Array("bug".utf8), in: input[...]) else { return false }
        return end(of: Array("!?".utf8), in: input[first...]) != nil
    }

    /// Where the first occurrence of a word ends.
    private static func end(of word: [UInt8], in input: ArraySlice<UInt8>) -> Int? {
        var start = input.startIndex
        while start + word.count <= input.endIndex {
            if input[start..<(start + word.count)] == word[...] { return start + word.count }
            start += 1
        }
        return nil
    }

    /// The first byte says how many follow, at least three of which are an `x`: single removals get nowhere.
    static let counted = FailingTarget(name: "length field", format: .bytes) { input in
        guard let count = input.first, Int(count) == input.count - 1 else { return false }
        return input.dropFirst().count { $0 == UInt8(ascii: "x") } >= 3
    }

    /// The last byte is the sum of those before it, and there is a 7 among them.
    static let checksummed = FailingTarget(name: "checksum", format: .bytes) { input in
        guard let last = input.last else { return false }
        let body = input.dropLast()
        return body.contains(7) && body.reduce(UInt8(0), &+) == last
    }

    static let anything = FailingTarget(name: "anything", format: .bytes) { _ in true }

    /// Register 3 of region 1 is written with bit 7 set; later register 4 is read in 2 bytes.
    static let registers = FailingTarget(name: "registers", format: .genericFuzz) { input in
        var isArmed = false
        for operation in GenericFuzzInput(input).operations where !operation.isTooShort {
            let bytes = operation.bytes
            switch operation.opcode {
            case .portWrite where bytes[2] % 4 == 1 && bytes[3] % 16 == 3: isArmed = bytes[5] & 0x80 != 0
            case .portRead where bytes[2] % 4 == 1 && bytes[3] % 16 == 4 && bytes[1] % 3 == 1:
                if isArmed { return true }
            default: break
            }
        }
        return false
    }

    /// Writing to region 2 reads the next pattern in rotation: fails where the third read sees a 9 first.
    static let rotation = FailingTarget(name: "pattern rotation", format: .genericFuzz) { input in
        var patterns: [UInt8] = []
        var next = 0
        var reads = 0
        for operation in GenericFuzzInput(input).operations where !operation.isTooShort {
            switch operation.opcode {
            case .addPattern: patterns.append(operation.bytes[3])
            case .clearPatterns:
                patterns = []
                next = 0
            case .memoryWrite where operation.bytes[2] % 8 == 2:
                reads += 1
                guard !patterns.isEmpty else { continue }
                if reads == 3, patterns[next] == 9 { return true }
                next = (next + 1) % patterns.count
            default: break
            }
        }
        return false
    }

    /// An input that fails, made of seeded random bytes or operations around what it takes.
    func failingInput(seed: UInt64) -> [UInt8] {
        var random = RandomSource(seed: seed)
        while true {
            let input = format == .bytes ? bytes(&random) : operations(&random)
            if fails(input) { return input }
        }
    }

    private func bytes(_ random: inout RandomSource) -> [UInt8] {
        var input = (0..<(1 + random.below(120))).map { _ in random.byte() }
        for word in ["bug", "xxx", "!?"] { input.insert(contentsOf: word.utf8, at: input.count / 2) }
        input.insert(contentsOf: "!?".utf8, at: input.count - input.count / 4)
        input.append(7)
        input[0] = UInt8(truncatingIfNeeded: input.count)
        if name == "checksum" { return input + [input.reduce(0, &+)] }
        return input + [random.byte()]
    }

    private func operations(_ random: inout RandomSource) -> [UInt8] {
        let needed: [[UInt8]] =
            name == "registers"
            ? [[1, 7, 5, 19, 0, 0xFF, 1, 2, 3], [0, 4, 9, 36, 0, 77]]
            : [[7, 0, 0, 1, 5], [7, 0, 1, 2], [7, 3, 9, 9, 8, 7]] + Array(repeating: [3, 1, 10] + Array(repeating: 5, count: 14), count: 3)
        var operations: [GenericFuzzOperation] = []
        for bytes in needed {
            for _ in 0..<random.below(6) { operations.append(Self.noise(&random)) }
            operations.append(GenericFuzzOperation(bytes))
        }
        for _ in 0..<random.below(6) { operations.append(Self.noise(&random)) }
        return GenericFuzzInput(operations: operations).bytes
    }

    private static func noise(_ random: inout RandomSource) -> GenericFuzzOperation {
        GenericFuzzOperation((0..<(1 + random.below(20))).map { _ in random.byte() })
    }
}

/// Runs a minimiser to its end: `depth` candidates under way, settled in an order that a seed decides.
func minimize(
    _ target: FailingTarget, _ input: [UInt8], seed: UInt64 = 1, depth: Int = 1, order: UInt64 = 0, maxTries: UInt64? = nil,
    onBest: ([UInt8]) -> Void = { _ in }
) -> Minimizer {
    var minimizer = Minimizer(input: input, format: target.format, seed: seed, maxTries: maxTries)
    var random = RandomSource(seed: order)
    var running: [Minimizer.Candidate] = []
    while !minimizer.isDone {
        while running.count < depth, let candidate = minimizer.nextCandidate() { running.append(candidate) }
        guard !running.isEmpty else { continue }
        let candidate = running.remove(at: depth == 1 ? 0 : random.below(running.count))
        minimizer.settle(candidate, stillFails: target.fails(candidate.input))
        onBest(minimizer.best)
    }
    return minimizer
}
