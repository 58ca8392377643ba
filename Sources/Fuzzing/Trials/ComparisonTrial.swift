/// One systematic change of an input: some bytes that the target compared, or that stand for what it compared, replaced.
package struct ComparisonTrial: Sendable, Hashable {
    /// Where in the input, ascending and apart; at least one place. The input has the same bytes at all of them.
    package var offsets: [Int]
    /// What is written there; the input's length stays.
    package var bytes: [UInt8]

    package init(offsets: [Int], bytes: [UInt8]) {
        self.offsets = offsets
        self.bytes = bytes
    }

    /// The part that differs from what the input has there; nil where nothing does.
    func effect(on input: [UInt8]) -> ComparisonTrial? {
        let offset = offsets[0]
        guard let first = bytes.indices.first(where: { input[offset + $0] != bytes[$0] }),
            let last = bytes.indices.last(where: { input[offset + $0] != bytes[$0] })
        else { return nil }
        return first == 0 && last == bytes.count - 1
            ? self : ComparisonTrial(offsets: offsets.map { $0 + first }, bytes: Array(bytes[first...last]))
    }

    /// A number for the trial, the same in every process.
    var fingerprint: UInt64 {
        var hash = FNVHash()
        for offset in offsets { hash.add(UInt64(offset)) }
        for byte in bytes { hash.add(byte) }
        return hash.value
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

/// FNV-1a; the standard library's hash is another one in each process.
struct FNVHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

    mutating func add(_ word: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { add(UInt8(truncatingIfNeeded: word >> shift)) }
    }
}
