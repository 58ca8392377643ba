/// Cuts a generic-fuzz input at its separators and decodes each piece (QEMU: tests/qtest/fuzz/generic_fuzz.c;
/// docs/generic-fuzz-format.md). Pure; a pass over an input of n bytes takes n steps.
package struct OperationReader {
    /// `FUZZ`
    package static let separator: [UInt8] = [0x46, 0x55, 0x5a, 0x5a]
    package static let separatorLength = 4

    private let input: UnsafeRawBufferPointer
    private var cursor = 0

    package init(_ input: UnsafeRawBufferPointer) { self.input = input }

    /// The next operation; empty pieces are skipped. nil at the end.
    @inline(__always)
    package mutating func next() -> GenericOperation? { nextPiece().map(decode) }

    /// Where the next operation's bytes lie; nil at the end.
    @inline(__always)
    mutating func nextPiece() -> Range<Int>? {
        while cursor < input.count {
            let end = endOfPiece(from: cursor)
            let piece = cursor..<end
            cursor = end == input.count ? end : end &+ Self.separatorLength
            if !piece.isEmpty { return piece }
        }
        return nil
    }

    // One 32-bit comparison a byte: with comparison traces the engine is shown the separator as a word.
    private func endOfPiece(from start: Int) -> Int {
        var position = start
        let last = input.count &- Self.separatorLength
        while position <= last {
            let word = UInt32(littleEndian: input.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            if word == 0x5a5a_5546 { return position }
            position &+= 1
        }
        return input.count
    }

    // Operands lie as in the C structures of the original, with natural alignment, counted from the byte
    // after the opcode.
    private func decode(_ piece: Range<Int>) -> GenericOperation {
        let opcodes = UInt8(GenericOpcode.allCases.count)
        let operands = (piece.lowerBound &+ 1)..<piece.upperBound
        switch GenericOpcode(rawValue: input[piece.lowerBound] % opcodes) {
        case .portRead:
            guard operands.count >= 4 else { return .tooShort }
            return .portRead(size: portSize(operands), base: byte(operands, 1), offset: load(operands, 2))
        case .portWrite:
            guard operands.count >= 8 else { return .tooShort }
            return .portWrite(
                size: portSize(operands), base: byte(operands, 1), offset: load(operands, 2),
                value: load(operands, 4))
        case .memoryRead:
            guard operands.count >= 8 else { return .tooShort }
            return .memoryRead(size: memorySize(operands), base: byte(operands, 1), offset: load(operands, 4))
        case .memoryWrite:
            guard operands.count >= 16 else { return .tooShort }
            return .memoryWrite(
                size: memorySize(operands), base: byte(operands, 1), offset: load(operands, 4),
                value: load(operands, 8))
        case .configurationRead:
            guard operands.count >= 3 else { return .tooShort }
            return .configurationRead(
                size: portSize(operands), base: byte(operands, 1), offset: byte(operands, 2))
        case .configurationWrite:
            guard operands.count >= 8 else { return .tooShort }
            return .configurationWrite(
                size: portSize(operands), base: byte(operands, 1), offset: byte(operands, 2),
                value: load(operands, 4))
        case .disablePCI: return .disablePCI
        case .addPattern:
            guard operands.count >= 3 else { return .tooShort }
            let bytes = (operands.lowerBound &+ 2)..<operands.upperBound
            return .addPattern(
                DMAPattern(
                    index: Int(byte(operands, 0)) % bytes.count, stride: byte(operands, 1), bytes: bytes))
        case .clearPatterns: return .clearPatterns
        case .clockStep: return .clockStep
        case nil: return .tooShort
        }
    }

    private func byte(_ operands: Range<Int>, _ offset: Int) -> UInt8 { input[operands.lowerBound &+ offset] }

    private func load<Value: FixedWidthInteger>(_ operands: Range<Int>, _ offset: Int) -> Value {
        Value(
            littleEndian: input.loadUnaligned(fromByteOffset: operands.lowerBound &+ offset, as: Value.self))
    }

    // 1, 2 or 4 bytes for ports and configuration space, also 8 for memory.
    private func portSize(_ operands: Range<Int>) -> Int { 1 << Int(byte(operands, 0) % 3) }
    private func memorySize(_ operands: Range<Int>) -> Int { 1 << Int(byte(operands, 0) % 4) }
}
