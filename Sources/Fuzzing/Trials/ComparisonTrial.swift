/// One systematic change of an input: some bytes that the target compared, or that stand for what it compared, replaced.
package struct ComparisonTrial: Sendable, Hashable {
    /// Where in the input, ascending; at least one place.
    package var offsets: [Int]
    /// What is written there; the input's length stays.
    package var bytes: [UInt8]

    package init(offsets: [Int], bytes: [UInt8]) {
        self.offsets = offsets
        self.bytes = bytes
    }

    /// The part that differs from what the input has there; nil where nothing does.
    func effect(on input: [UInt8]) -> ComparisonTrial? {
        guard offsets.count == 1 else { return self }
        let offset = offsets[0]
        let changed = bytes.indices.filter { input[offset + $0] != bytes[$0] }
        guard let first = changed.first, let last = changed.last else { return nil }
        return ComparisonTrial(offsets: [offset + first], bytes: Array(bytes[first...last]))
    }

    /// The changed input.
    package func applied(to input: [UInt8]) -> [UInt8] {
        var changed = input
        for offset in offsets { changed.replaceSubrange(offset..<(offset + bytes.count), with: bytes) }
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
        ComparisonTrial(offsets: [offset], bytes: IntegerBytes.bytes(of: value, width: width, isBigEndian: isBigEndian))
    }
}
