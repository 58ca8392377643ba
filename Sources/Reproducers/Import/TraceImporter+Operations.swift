// One operation more, and the guest memory that a device reads meanwhile.
extension TraceImporter {
    /// What the target did with an operation.
    enum Outcome { case made, failed, otherAccess }

    /// Reads of one operation that are given contents.
    private static let maximumFills = 4096

    /// Appends the operation if with it the target makes the wanted access, preceded by the patterns that give the device what
    /// the script wrote to the memory it reads.
    mutating func append(_ operation: [UInt8], wanted: ImportedAccess, _ line: Int) throws -> Outcome {
        let clear = hasPatterns ? [GenericFuzzEncoder.clearPatterns] : []
        guard !memory.isEmpty else {
            guard let step = try step(clear + [operation], wanted) else { return .otherAccess }
            keep(clear + [operation], hasPatterns: false)
            return step.isFailure ? .failed : .made
        }
        var reads: [[UInt8]] = []
        var joined: Set<Int> = []
        var expected = 0
        while true {
            let patterns = (reads + [[0]]).map(GenericFuzzEncoder.pattern)
            let pieces = [GenericFuzzEncoder.clearPatterns] + patterns + [operation]
            guard let step = try step(pieces, wanted) else { return .otherAccess }
            guard step.fills.contains(where: { memory.overlaps($0.address, $0.bytes.count) }) else {
                keep(clear + [operation], hasPatterns: false)
                return step.isFailure ? .failed : .made
            }
            guard let wrong = step.fills.firstIndex(where: { memory.contents($0.address, $0.bytes.count) != $0.bytes }) else {
                for fill in step.fills { memory.noteRead(fill.address, fill.bytes.count) }
                keep(pieces, hasPatterns: true)
                return step.isFailure ? .failed : .made
            }
            // It was given its own contents and has others: it is the rest of a read before it.
            let isSayable = wrong >= expected || Self.join(wrong, of: step.fills, in: &joined)
            expected = max(expected, wrong + 1)
            reads = contents(step.fills[...wrong], joined)
            guard isSayable, wrong < Self.maximumFills, GenericFuzzEncoder.input(reads.map(GenericFuzzEncoder.pattern)) != nil
            else {
                for fill in step.fills { memory.noteRead(fill.address, fill.bytes.count) }
                refuse(
                    line,
                    !isSayable ? "what the device reads at \(hex(step.fills[wrong].address)) cannot be said by patterns"
                        : wrong >= Self.maximumFills ? "makes the device read more than \(Self.maximumFills) stretches of memory"
                        : "the device reads the bytes 'FUZZ', which the format uses between operations")
                return .made
            }
        }
    }

    /// Takes the nearest piece at or before `index` that is not known to continue the one before it, though it touches it, for
    /// its continuation: of an earlier read too, whose contents were right by chance. False where there is none.
    private static func join(_ index: Int, of fills: [Fill], in joined: inout Set<Int>) -> Bool {
        let piece = stride(from: index, to: 0, by: -1).first { piece in
            let before = fills[piece - 1]
            return before.address &+ UInt64(before.bytes.count) == fills[piece].address && !joined.contains(piece)
        }
        if let piece { joined.insert(piece) }
        return piece != nil
    }

    /// A pattern for each read: consecutive fills of one read joined.
    private func contents(_ fills: ArraySlice<Fill>, _ joined: Set<Int>) -> [[UInt8]] {
        var reads: [[UInt8]] = []
        for (index, fill) in fills.enumerated() {
            let bytes = memory.contents(fill.address, fill.bytes.count)
            if joined.contains(index), !reads.isEmpty { reads[reads.count - 1] += bytes } else { reads.append(bytes) }
        }
        return reads
    }

    struct Fill {
        var address: UInt64
        var bytes: [UInt8]
    }

    private struct Step {
        var fills: [Fill]
        var isFailure: Bool
    }

    /// Runs what there is and these; `nil` where the next access is not the wanted one.
    private func step(_ pieces: [[UInt8]], _ wanted: ImportedAccess) throws -> Step? {
        guard let input = GenericFuzzEncoder.input(operations + pieces) else { return nil }
        let outcome = try run(input)
        var latch = ImportedAccess.Latch()
        var count = 0
        var fills: [Fill] = []
        for entry in outcome.trace.entries {
            if entry.isFill {
                if count > accessCount, let (address, bytes) = entry.command.stored { fills.append(Fill(address: address, bytes: bytes)) }
            } else if let access = latch.access(entry.command) {
                if count == accessCount, access != wanted { return nil }
                count += 1
            }
        }
        return count == accessCount + 1 ? Step(fills: fills, isFailure: outcome.isFailure) : nil
    }

    private mutating func keep(_ pieces: [[UInt8]], hasPatterns: Bool) {
        operations += pieces
        self.hasPatterns = hasPatterns
        accessCount += 1
    }
}
