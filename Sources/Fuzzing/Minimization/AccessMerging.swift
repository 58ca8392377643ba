/// Makes one access of two that lie near each other in a region: a wide one reaches the registers of both, and those between them,
/// so that more than the two may become needless.
struct AccessMerging: ReductionPass {
    let name = "merged accesses"
    /// With more operations the pairs are too many.
    private static let maxOperations = 32
    private var first = 0
    private var second = 1
    /// The wide access stands where the second of the two stood, not the first.
    private var isLate = false

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        var parsed = GenericFuzzInput(input)
        guard parsed.operations.count <= Self.maxOperations else { return nil }
        while first < parsed.operations.count {
            while second < parsed.operations.count {
                if let merged = parsed.operations[first].merged(with: parsed.operations[second]) {
                    parsed.operations[isLate ? second : first] = merged
                    parsed.operations.remove(at: isLate ? first : second)
                    return parsed.bytes
                }
                nextPair()
            }
            first += 1
            second = first + 1
        }
        return nil
    }

    mutating func advance(isAccepted: Bool) {
        if isAccepted {
            first = 0
            second = 1
            isLate = false
        } else if isLate {
            nextPair()
        } else {
            isLate = true
        }
    }

    private mutating func nextPair() {
        second += 1
        isLate = false
    }
}

extension GenericFuzzOperation {
    /// Where in its region an access begins, how many bytes it has, and what it writes (0 for one that reads).
    private var access: (start: UInt64, bytes: Int, value: UInt64)? {
        let place: Field
        switch opcode {
        case .portRead, .portWrite: place = Field(meaning: .number, offset: 3, width: 2)
        case .memoryRead, .memoryWrite: place = Field(meaning: .number, offset: 5, width: 4)
        case .configurationRead, .configurationWrite: place = Field(meaning: .number, offset: 3, width: 1)
        case .disablePCI, .addPattern, .clearPatterns, .clockStep: return nil
        }
        guard !isTooShort else { return nil }
        return (value(of: place), accessBytes, written.map(value(of:)) ?? 0)
    }

    /// The value of an access that writes.
    private var written: Field? {
        switch opcode {
        case .portWrite, .memoryWrite, .configurationWrite: fields.first
        default: nil
        }
    }

    /// An access to the bytes of both, and zeroes to those between them, in the plainest form; `nil` where they are of different
    /// kinds or regions, overlap, or lie too far apart.
    package func merged(with other: GenericFuzzOperation) -> GenericFuzzOperation? {
        guard opcode == other.opcode, let own = access, let others = other.access, bytes[2] == other.bytes[2] else { return nil }
        let (low, high) = own.start < others.start ? (own, others) : (others, own)
        guard low.start + UInt64(low.bytes) <= high.start else { return nil }
        let distance = high.start - low.start
        guard let size = (0..<sizes).first(where: { 1 << UInt64($0) >= distance + UInt64(high.bytes) }) else { return nil }
        var wide = own.start < others.start ? self : other
        wide.bytes[1] = size
        if let written = wide.written {
            wide = wide.replacing(written, with: low.value | high.value << (8 * distance))
        }
        return wide.canonical
    }
}
