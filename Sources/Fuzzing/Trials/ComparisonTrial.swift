/// One systematic change of an input: some bytes that the target compared, or that stand for what it compared, replaced.
package struct ComparisonTrial: Sendable, Hashable {
    /// Where in the input.
    package var offset: Int
    /// What is written there; the input's length stays.
    package var bytes: [UInt8]

    package init(offset: Int, bytes: [UInt8]) {
        self.offset = offset
        self.bytes = bytes
    }

    /// The changed input; nil where that is the input itself.
    package func applied(to input: [UInt8]) -> [UInt8]? {
        let range = offset..<(offset + bytes.count)
        guard range.upperBound <= input.count, !input[range].elementsEqual(bytes) else { return nil }
        var changed = input
        changed.replaceSubrange(range, with: bytes)
        return changed
    }
}

/// A stretch of the input that holds an operand.
struct ComparedField: Hashable {
    var offset: Int
    /// 2, 4 or 8 bytes.
    var width: Int
    var isBigEndian: Bool

    func value(in input: [UInt8]) -> UInt64 {
        IntegerBytes.load(from: input, at: offset, width: width, isBigEndian: isBigEndian)
    }

    func trial(_ value: UInt64) -> ComparisonTrial {
        ComparisonTrial(offset: offset, bytes: IntegerBytes.bytes(of: value, width: width, isBigEndian: isBigEndian))
    }
}
