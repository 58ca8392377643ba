/// An input of QEMU's generic fuzzers as the daemon sees it: operations between separators, each as its bytes.
///
/// The format is that of `docs/generic-fuzz-format.md`. What an operation does is the target's business; here it is only known
/// which of its bytes say what, so that a simpler one can be proposed.
package struct GenericFuzzInput: Sendable, Equatable {
    /// `FUZZ`
    package static let separator: [UInt8] = [0x46, 0x55, 0x5A, 0x5A]

    /// In order; none is empty.
    package var operations: [GenericFuzzOperation]

    package init(operations: [GenericFuzzOperation]) {
        self.operations = operations
    }

    package init(_ bytes: [UInt8]) {
        operations = []
        var start = 0
        var position = 0
        while position < bytes.count {
            let isSeparator =
                bytes[position] == Self.separator[0] && bytes[position...].starts(with: Self.separator)
            guard isSeparator else {
                position += 1
                continue
            }
            if position > start { operations.append(GenericFuzzOperation(Array(bytes[start..<position]))) }
            position += Self.separator.count
            start = position
        }
        if bytes.count > start { operations.append(GenericFuzzOperation(Array(bytes[start...]))) }
    }

    package var bytes: [UInt8] { Array(operations.map(\.bytes).joined(separator: Self.separator)) }

    /// Operations of an input, without keeping them.
    package static func operationCount(_ bytes: [UInt8]) -> Int { GenericFuzzInput(bytes).operations.count }
}

/// First bytes of operations, modulo their number. The order is the file format.
package enum GenericFuzzOpcode: UInt8, CaseIterable, Sendable {
    case portRead, portWrite, memoryRead, memoryWrite, configurationRead, configurationWrite
    case disablePCI, addPattern, clearPatterns, clockStep

    /// As QEMU's source and `docs/generic-fuzz-format.md` call it.
    package var name: String {
        switch self {
        case .portRead: "IN"
        case .portWrite: "OUT"
        case .memoryRead: "READ"
        case .memoryWrite: "WRITE"
        case .configurationRead: "PCI_READ"
        case .configurationWrite: "PCI_WRITE"
        case .disablePCI: "DISABLE_PCI"
        case .addPattern: "ADD_DMA_PATTERN"
        case .clearPatterns: "CLEAR_DMA_PATTERNS"
        case .clockStep: "CLOCK_STEP"
        }
    }

    /// Operand bytes without which the operation does nothing.
    var operandBytes: Int {
        switch self {
        case .portRead: 4
        case .portWrite, .memoryRead, .configurationWrite: 8
        case .memoryWrite: 16
        case .configurationRead, .addPattern: 3
        case .disablePCI, .clearPatterns, .clockStep: 0
        }
    }
}

/// One operation: its opcode byte and its operands.
package struct GenericFuzzOperation: Sendable, Equatable {
    /// A number among the operands, little-endian.
    struct Field: Equatable {
        enum Meaning: Equatable {
            /// Chooses how many bytes are accessed.
            case size
            /// Chooses a region or function, modulo their number.
            case base
            case number
        }

        var meaning: Meaning
        /// Counted from the opcode.
        var offset: Int
        var width: Int
    }

    /// Never empty.
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        precondition(!bytes.isEmpty, "an operation has at least its opcode")
        self.bytes = bytes
    }

    package var opcode: GenericFuzzOpcode {
        // There is one for each remainder.
        GenericFuzzOpcode(rawValue: bytes[0] % UInt8(GenericFuzzOpcode.allCases.count)) ?? .clockStep
    }

    /// Too few operands: the operation does nothing.
    package var isTooShort: Bool { bytes.count - 1 < opcode.operandBytes }

    /// The numbers that matter, the value first: it is what a reader wants simple.
    var fields: [Field] {
        guard !isTooShort else { return [] }
        let size = Field(meaning: .size, offset: 1, width: 1)
        let base = Field(meaning: .base, offset: 2, width: 1)
        switch opcode {
        case .portRead: return [Field(meaning: .number, offset: 3, width: 2), base, size]
        case .portWrite:
            let value = Field(meaning: .number, offset: 5, width: accessBytes)
            return [value, Field(meaning: .number, offset: 3, width: 2), base, size]
        case .memoryRead: return [Field(meaning: .number, offset: 5, width: 4), base, size]
        case .memoryWrite:
            let value = Field(meaning: .number, offset: 9, width: accessBytes)
            return [value, Field(meaning: .number, offset: 5, width: 4), base, size]
        case .configurationRead: return [Field(meaning: .number, offset: 3, width: 1), base, size]
        case .configurationWrite:
            let value = Field(meaning: .number, offset: 5, width: accessBytes)
            return [value, Field(meaning: .number, offset: 3, width: 1), base, size]
        case .addPattern:
            return [Field(meaning: .number, offset: 2, width: 1), Field(meaning: .number, offset: 1, width: 1)]
        case .disablePCI, .clearPatterns, .clockStep: return []
        }
    }

    /// Bytes that guest memory is filled with; `nil` where this adds no pattern.
    var pattern: Range<Int>? {
        opcode == .addPattern && !isTooShort ? 3..<bytes.count : nil
    }

    /// The same operation in its plainest form: opcode and size as their remainders, nothing behind the operands, zero where the
    /// format has gaps and where no access reaches.
    var canonical: GenericFuzzOperation {
        var bytes = self.bytes
        bytes[0] = opcode.rawValue
        guard !isTooShort else { return GenericFuzzOperation(bytes) }
        if let pattern {
            bytes[1] = bytes[2] == 0 ? 0 : UInt8(Int(bytes[1]) % pattern.count)
            return GenericFuzzOperation(bytes)
        }
        bytes = Array(bytes[...opcode.operandBytes])
        var isUsed = [Bool](repeating: false, count: bytes.count)
        isUsed[0] = true
        for field in fields {
            for index in field.offset..<(field.offset + field.width) { isUsed[index] = true }
            if field.meaning == .size { bytes[field.offset] %= sizes }
        }
        for index in bytes.indices where !isUsed[index] { bytes[index] = 0 }
        return GenericFuzzOperation(bytes)
    }

    func value(of field: Field) -> UInt64 {
        (0..<field.width).reduce(0) { $0 | UInt64(bytes[field.offset + $1]) << UInt64(8 * $1) }
    }

    /// With another number in a field; one in its plainest form stays so.
    func replacing(_ field: Field, with value: UInt64) -> GenericFuzzOperation {
        var changed = self
        for index in 0..<field.width {
            changed.bytes[field.offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
        return canonical == self ? changed.canonical : changed
    }

    /// Accesses to memory know 8 bytes too.
    var sizes: UInt8 { opcode == .memoryRead || opcode == .memoryWrite ? 4 : 3 }
    /// Bytes of the access.
    var accessBytes: Int { 1 << Int(bytes[1] % sizes) }
}
