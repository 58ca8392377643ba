/// Where each byte value stands in an input, so that looking for many words costs little.
///
/// A word is looked for at the places of that one of its bytes which is rarest in the input.
package struct BytePositions {
    package let input: [UInt8]
    /// Positions by byte value, ascending; those of value `v` begin at `starts[v]`.
    private let positions: [Int32]
    private let starts: [Int32]
    /// Whether two bytes stand side by side somewhere: most words that are not there fail at this.
    private let pairs: [Bool]

    /// `input` is shorter than 2 GiB.
    package init(_ input: [UInt8]) {
        self.input = input
        var starts = [Int32](repeating: 0, count: 257)
        for byte in input { starts[Int(byte) + 1] += 1 }
        for value in 0..<256 { starts[value + 1] += starts[value] }
        var next = starts
        var positions = [Int32](repeating: 0, count: input.count)
        var pairs = [Bool](repeating: false, count: 1 << 16)
        for (position, byte) in input.enumerated() {
            positions[Int(next[Int(byte)])] = Int32(position)
            next[Int(byte)] += 1
            if position > 0 { pairs[Int(input[position - 1]) << 8 | Int(byte)] = true }
        }
        self.starts = starts
        self.positions = positions
        self.pairs = pairs
    }

    /// Places of an integer of `width` bytes, ascending; empty where there are more than `limit`.
    package func places(of value: UInt64, width: Int, isBigEndian: Bool, limit: Int) -> [Int] {
        func byte(_ index: Int) -> UInt8 {
            UInt8(truncatingIfNeeded: value >> UInt64(8 * (isBigEndian ? width - 1 - index : index)))
        }
        var rarest = 0
        for index in 0..<width {
            if index > 0 && !pairs[Int(byte(index - 1)) << 8 | Int(byte(index))] { return [] }
            if count(of: byte(index)) < count(of: byte(rarest)) { rarest = index }
        }
        return places(anchor: rarest, byteCount: width, limit: limit, byte)
    }

    /// Whether an integer of `width` bytes stands anywhere, in either byte order.
    package func holds(_ value: UInt64, width: Int) -> Bool {
        for isBigEndian in [false, true] {
            // More places than the limit give an empty list too, hence the highest limit there is.
            if !places(of: value, width: width, isBigEndian: isBigEndian, limit: .max).isEmpty { return true }
        }
        return false
    }

    /// Places of a word, ascending; empty where there are more than `limit`.
    package func places(of word: [UInt8], limit: Int) -> [Int] {
        guard let rarest = word.indices.min(by: { count(of: word[$0]) < count(of: word[$1]) }) else { return [] }
        return places(anchor: rarest, byteCount: word.count, limit: limit) { word[$0] }
    }

    private func count(of byte: UInt8) -> Int32 { starts[Int(byte) + 1] - starts[Int(byte)] }

    private func places(anchor: Int, byteCount: Int, limit: Int, _ byte: (Int) -> UInt8) -> [Int] {
        var found: [Int] = []
        let value = Int(byte(anchor))
        for entry in starts[value]..<starts[value + 1] {
            let start = Int(positions[Int(entry)]) - anchor
            guard start >= 0, start + byteCount <= input.count else { continue }
            var matched = 0
            while matched < byteCount && input[start + matched] == byte(matched) { matched += 1 }
            guard matched == byteCount else { continue }
            if found.count == limit { return [] }
            found.append(start)
        }
        return found
    }
}
