/// A cross-over of the generic-fuzz format at its operations: a run of `second`'s operations between two of `first`'s.
///
/// Devices keep state from one operation to the next, so what two inputs set up separately comes together, and no operation is
/// cut in two, as it is nearly always where bytes are crossed.
package enum GenericSplice {
    /// - Parameter seed: chooses the run and its place.
    /// - Returns: the size of the result in bytes, or 0 where it has no room or either input no operation.
    package static func combine(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer, seed: UInt32
    ) -> Int {
        let own = pieces(of: first)
        let others = pieces(of: second)
        guard !own.isEmpty, !others.isEmpty else { return 0 }
        var random = UInt64(seed) &+ 0x9e37_79b9_7f4a_7c15
        let place = below(own.count + 1, &random)
        let start = below(others.count, &random)
        let count = below(others.count - start, &random) + 1
        var writer = PieceWriter(output: output)
        for piece in own[..<place] { writer.append(first, piece) }
        for piece in others[start..<start + count] { writer.append(second, piece) }
        for piece in own[place...] { writer.append(first, piece) }
        return writer.hasRoom ? writer.size : 0
    }

    /// What lies between separators, empty pieces left out.
    private static func pieces(of input: UnsafeRawBufferPointer) -> ContiguousArray<Range<Int>> {
        var pieces: ContiguousArray<Range<Int>> = []
        var reader = OperationReader(input)
        while let piece = reader.nextPiece() { pieces.append(piece) }
        return pieces
    }

    /// Uniform enough for choosing; Knuth's generator MMIX.
    private static func below(_ bound: Int, _ state: inout UInt64) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}

/// Writes pieces with separators between them, as far as there is room.
private struct PieceWriter {
    let output: UnsafeMutableRawBufferPointer
    private(set) var size = 0
    private(set) var hasRoom = true

    init(output: UnsafeMutableRawBufferPointer) { self.output = output }

    mutating func append(_ input: UnsafeRawBufferPointer, _ piece: Range<Int>) {
        let separator = size == 0 ? 0 : OperationReader.separatorLength
        guard hasRoom, output.count - size >= separator + piece.count else {
            hasRoom = false
            return
        }
        if separator > 0 {
            UnsafeMutableRawBufferPointer(rebasing: output[size..<size + separator])
                .copyBytes(from: OperationReader.separator)
        }
        UnsafeMutableRawBufferPointer(rebasing: output[(size + separator)..<(size + separator + piece.count)])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[piece]))
        size += separator + piece.count
    }
}
