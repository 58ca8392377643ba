/// Compares the memory of a process after a reboot with what it was before, as graphs: what is reached through the same
/// pointers is compared, so that a structure that was freed and built anew, elsewhere but alike, is no difference.
///
/// Differences are told by where they are in the memory before.
struct MemoryComparison {
    private let before: MemoryImage
    private let after: MemoryImage
    private var seen: Set<Pair> = []
    private var work: [Pair] = []
    /// Words that differ, by their addresses before; a bit for each byte that does.
    private(set) var words: [UInt64: UInt8] = [:]

    /// A block before and the one that stands for it after.
    private struct Pair: Hashable {
        var before: Int
        var after: Int
    }

    /// How many bytes of two blocks are looked at to tell whether they are alike.
    private static let likenessBytes: UInt64 = 4096

    init(before: MemoryImage, after: MemoryImage) {
        self.before = before
        self.after = after
    }

    /// - Parameter changed: where any byte differs; nothing else outside the heap is looked at again.
    mutating func run(changed: [ClosedRange<UInt64>]) {
        for segment in before.segments where segment.isRoot { compareRoot(segment) }
        while let pair = work.popLast() { compare(pair) }
        compareUnreached(changed)
        for range in changed where before.heap.block(at: range.lowerBound) == nil {
            compareOutside(range)
        }
    }

    /// Variables of the program: pointers in them lead to blocks.
    private mutating func compareRoot(_ segment: MemoryImage.Segment) {
        guard let index = after.segment(at: segment.start) else { return }
        let other = after.segments[index]
        var address = (segment.start + 7) & ~7
        while let old = segment.word(address), let new = other.word(address) {
            compare(old, new, at: address)
            address += 8
        }
    }

    private mutating func compare(_ pair: Pair) {
        let start = before.heap.starts[pair.before]
        let newStart = after.heap.starts[pair.after]
        guard let old = before.segment(at: start).map({ before.segments[$0] }),
            let new = after.segment(at: newStart).map({ after.segments[$0] })
        else { return }
        var offset: UInt64 = 0
        while offset < before.heap.sizes[pair.before] {
            if let left = old.word(start + offset), let right = new.word(newStart + offset) {
                compare(left, right, at: start + offset)
            }
            offset += 8
        }
    }

    private mutating func compare(_ old: UInt64, _ new: UInt64, at place: UInt64) {
        guard let block = before.heap.usedBlock(at: old) else {
            note(place, old, new)
            return
        }
        guard let other = after.heap.usedBlock(at: new), before.heap.sizes[block] == after.heap.sizes[other],
            old - before.heap.starts[block] == new - after.heap.starts[other]
        else {
            note(place, old, new)
            return
        }
        if old != new, isStillThere(block), isAlike(block, other) == false {
            note(place, old, new)
            return
        }
        let pair = Pair(before: block, after: other)
        if seen.insert(pair).inserted { work.append(pair) }
    }

    private mutating func note(_ place: UInt64, _ old: UInt64, _ new: UInt64) {
        guard old != new else { return }
        var mask: UInt8 = 0
        for byte in 0..<8 where (old ^ new) >> UInt64(8 * byte) & 0xFF != 0 { mask |= 1 << UInt8(byte) }
        words[place, default: 0] |= mask
    }

    /// Whether the block was neither freed nor cut.
    private func isStillThere(_ block: Int) -> Bool {
        let start = before.heap.starts[block]
        guard let same = after.heap.usedBlock(at: start) else { return false }
        return after.heap.starts[same] == start && after.heap.sizes[same] == before.heap.sizes[block]
    }

    /// Whether two blocks hold the same but for pointers into the heap.
    private func isAlike(_ block: Int, _ other: Int) -> Bool {
        var offset: UInt64 = 0
        while offset < min(before.heap.sizes[block], Self.likenessBytes) {
            let left = before.word(before.heap.starts[block] + offset)
            let right = after.word(after.heap.starts[other] + offset)
            if left != right, let left, let right,
                before.heap.block(at: left) == nil || after.heap.block(at: right) == nil
            {
                return false
            }
            offset += 8
        }
        return true
    }

    /// Blocks that no pointer led to, by their places.
    private mutating func compareUnreached(_ changed: [ClosedRange<UInt64>]) {
        let reached = Set(seen.map(\.before))
        for range in changed {
            var address = range.lowerBound & ~7
            while address <= range.upperBound {
                if let block = before.heap.usedBlock(at: address), !reached.contains(block), isStillThere(block),
                    let old = before.word(address), let new = after.word(address),
                    before.heap.block(at: old) == nil
                {
                    note(address, old, new)
                }
                address += 8
            }
        }
    }

    private mutating func compareOutside(_ range: ClosedRange<UInt64>) {
        var address = range.lowerBound & ~7
        while address <= range.upperBound {
            if let old = before.segment(at: address), !before.segments[old].isRoot, before.heap.block(at: address) == nil,
                let left = before.word(address), let right = after.word(address)
            {
                note(address, left, right)
            }
            address += 8
        }
    }
}
