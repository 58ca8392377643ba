/// How an operand of a comparison may stand in the input: as it is, or counted in other units, or one off.
///
/// Source: the encodings of REDQUEEN (Aschermann et al., NDSS 2019) and of AFL++'s input-to-state stage, with the units that devices
/// count in added: sectors of 512 bytes and pages of 4,096.
struct OperandEncoding {
    /// Bits that the operand is shifted left to become what stands in the input; negative: right.
    var shift: Int
    /// What is added to the operand after that.
    var addend: Int64

    static let all =
        [OperandEncoding(shift: 0, addend: 0)]
        + [-1, 1].map { OperandEncoding(shift: 0, addend: $0) }
        + [-12, -9, 9, 12].map { OperandEncoding(shift: $0, addend: 0) }

    var isExact: Bool { shift == 0 && addend == 0 }

    /// What stands in the input for `operand`; nil where the encoding loses bits of it, or is of no use.
    func encoded(_ operand: UInt64) -> UInt64? {
        if shift == 0 { return operand &+ UInt64(bitPattern: addend) }
        guard operand != 0 else { return nil }
        if shift > 0 { return operand.leadingZeroBitCount >= shift ? operand << UInt64(shift) : nil }
        return operand.trailingZeroBitCount >= -shift ? operand >> UInt64(-shift) : nil
    }

    /// What would have to stand there for `operand`, rounded down.
    func wanted(_ operand: UInt64) -> UInt64 {
        if shift == 0 { return operand &+ UInt64(bitPattern: addend) }
        return shift > 0 ? operand << UInt64(shift) : operand >> UInt64(-shift)
    }
}
