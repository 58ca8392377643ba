/// Compares the memory of a process after a reboot with what it was before, as graphs: what is reached through the same
/// pointers is compared, so that a structure that was freed and built anew, elsewhere but alike, is no difference.
///
/// Differences are told by where they are in the memory before.
package struct MemoryComparison {
    private let before: MemoryImage
    private let after: MemoryImage
    private let pointers: PointerMap
    /// Of each block its index after, if it is still where it was and as long; else negative.
    private let counterparts: [Int]
    private var isReached: [Bool]
    private var isChanged: [Bool]
    /// Reached blocks that are compared with themselves, and pairs that stand for each other, still to be looked at.
    private var reached: [Int] = []
    private var work: [Pair] = []
    private var seen: Set<Pair> = []
    /// Words that differ, by their addresses before; a bit for each byte that does.
    package private(set) var words: [UInt64: UInt8] = [:]
    /// By how much each of them grew, taken as a number.
    package private(set) var growth: [UInt64: UInt64] = [:]

    /// A block before and the one that stands for it after.
    private struct Pair: Hashable {
        var before: Int
        var after: Int
    }

    /// How many bytes of two blocks are looked at to tell whether they are alike.
    private static let likenessBytes: UInt64 = 4096

    package init(before: MemoryImage, after: MemoryImage) {
        self.init(before: before, after: after, pointers: PointerMap(before))
    }

    /// - Parameter pointers: those of `before`.
    init(before: MemoryImage, after: MemoryImage, pointers: PointerMap) {
        self.before = before
        self.after = after
        self.pointers = pointers
        counterparts = before.heap.counterparts(in: after.heap)
        isReached = Array(repeating: false, count: before.heap.count)
        isChanged = isReached
    }

    /// - Parameter changed: where any byte differs, ascending; the rest is as before.
    package mutating func run(changed: [ClosedRange<UInt64>]) {
        for range in changed {
            var address = range.lowerBound & ~7
            while address <= range.upperBound {
                if let block = before.heap.block(at: address) { isChanged[block] = true }
                address += 8
            }
        }
        for pointer in pointers.roots where before.word(pointer.place) == after.word(pointer.place) { reach(pointer.block) }
        for range in changed { compareVariables(range) }
        while true {
            if let block = reached.popLast() {
                compareReached(block)
            } else if let pair = work.popLast() {
                compare(before.heap.starts[pair.before], after.heap.starts[pair.after], bytes: before.heap.sizes[pair.before])
            } else {
                break
            }
        }
        let stood = Set(seen.map(\.before))
        for range in changed { compareUnreached(range, stood) }
    }

    private mutating func reach(_ block: Int) {
        guard !isReached[block], counterparts[block] >= 0 else { return }
        isReached[block] = true
        reached.append(block)
    }

    private mutating func compareReached(_ block: Int) {
        if isChanged[block] {
            compare(before.heap.starts[block], before.heap.starts[block], bytes: before.heap.sizes[block])
        } else {
            for pointer in pointers[block] { reach(pointer.block) }
        }
    }

    /// Variables of the program.
    private mutating func compareVariables(_ range: ClosedRange<UInt64>) {
        guard let index = before.segment(at: range.lowerBound), before.segments[index].isRoot else { return }
        let start = range.lowerBound & ~7
        compare(start, start, bytes: range.upperBound + 1 - start)
    }

    private mutating func compare(_ start: UInt64, _ newStart: UInt64, bytes: UInt64) {
        guard let index = before.segment(at: start), let newIndex = after.segment(at: newStart) else { return }
        var offset: UInt64 = 0
        while offset < bytes {
            if let left = before.segments[index].word(start + offset),
                let right = after.segments[newIndex].word(newStart + offset)
            {
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
        if old == new {
            reach(block)
            return
        }
        guard let other = after.heap.usedBlock(at: new), before.heap.sizes[block] == after.heap.sizes[other],
            old - before.heap.starts[block] == new - after.heap.starts[other], counterparts[block] < 0 || isAlike(block, other)
        else {
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
        growth[place] = new &- old
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
    private mutating func compareUnreached(_ range: ClosedRange<UInt64>, _ stood: Set<Int>) {
        var address = range.lowerBound & ~7
        while address <= range.upperBound {
            if let block = before.heap.usedBlock(at: address), !isReached[block], !stood.contains(block), counterparts[block] >= 0,
                let old = before.word(address), let new = after.word(address), before.heap.block(at: old) == nil
            {
                note(address, old, new)
            }
            address += 8
        }
    }
}
