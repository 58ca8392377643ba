/// A stretch of addresses that one leaf region answers.
package struct FlatRange {
    /// First and last absolute address, both inclusive (so that the top of the space needs no overflow).
    package let first: UInt64
    package let last: UInt64
    package let region: MemoryRegion
    /// Offset in `region` of the address `first`.
    package let regionOffset: UInt64
    /// A word, and not a Bool, so that a range has no bytes of undefined content, which an audit of memory would find.
    private let readOnlyFlag: UInt

    package var isReadOnly: Bool { readOnlyFlag != 0 }

    init(first: UInt64, last: UInt64, region: MemoryRegion, regionOffset: UInt64, isReadOnly: Bool) {
        self.first = first
        self.last = last
        self.region = region
        self.regionOffset = regionOffset
        readOnlyFlag = isReadOnly ? 1 : 0
    }

    package var size: UInt64 { (last &- first) &+ 1 }
}

/// The region graph as non-overlapping sorted ranges: what an access looks up. A value owned by its
/// `AddressSpace` and thrown away when a mapping changes.
package struct FlatView {
    package private(set) var ranges: ContiguousArray<FlatRange> = []

    init(root: MemoryRegion) {
        render(root, base: 0, clipFirst: 0, clipLast: .max, isReadOnly: false, depth: 0)
    }

    /// Index of the range that holds `address`.
    @inline(__always)
    func index(of address: UInt64) -> Int? {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low &+ high) / 2
            if ranges[middle].last < address { low = middle &+ 1 } else { high = middle }
        }
        guard low < ranges.count, ranges[low].first <= address else { return nil }
        return low
    }

    /// The range that holds `address`.
    package func range(containing address: UInt64) -> FlatRange? {
        index(of: address).map { ranges[$0] }
    }

    /// First address at or after `address` that is mapped.
    func nextMapped(from address: UInt64) -> UInt64? {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low &+ high) / 2
            if ranges[middle].last < address { low = middle &+ 1 } else { high = middle }
        }
        guard low < ranges.count else { return nil }
        return max(address, ranges[low].first)
    }

    /// Claims what is still free of the region's clipped extent: subregions first, then the region itself.
    /// `base` is the absolute address of the region's first byte and wraps for aliases that start inside
    /// their target. The depth is that of the graph; 32 is far above what a machine builds.
    private mutating func render(
        _ region: MemoryRegion, base: UInt64, clipFirst: UInt64, clipLast: UInt64, isReadOnly: Bool,
        depth: Int
    ) {
        guard region.isEnabled, region.size > 0, depth < 32 else { return }
        guard let clip = Self.clip(base: base, size: region.size, first: clipFirst, last: clipLast) else {
            return
        }
        let readOnly = isReadOnly || region.isReadOnly
        if case .alias(let target, let offset) = region.kind {
            render(
                target, base: base &- offset, clipFirst: clip.first, clipLast: clip.last,
                isReadOnly: readOnly, depth: depth + 1)
            return
        }
        for child in region.subregions {
            render(
                child, base: base &+ child.offset, clipFirst: clip.first, clipLast: clip.last,
                isReadOnly: readOnly, depth: depth + 1)
        }
        if region.isLeaf {
            claim(region, base: base, first: clip.first, last: clip.last, isReadOnly: readOnly)
        }
    }

    /// The overlap of [base, base+size) with the clip. A base that wrapped below zero (an alias into the
    /// middle of its target) covers the clip as far as its end reaches.
    private static func clip(
        base: UInt64, size: UInt64, first: UInt64, last: UInt64
    ) -> (first: UInt64, last: UInt64)? {
        let end = base &+ (size &- 1)
        if end >= base {
            let low = max(base, first)
            let high = min(end, last)
            return low <= high ? (low, high) : nil
        }
        // Wrapped: the extent is [base, max] and [0, end]. The clip lies in one of them.
        if first <= end { return (first, min(end, last)) }
        let low = max(base, first)
        return low <= last ? (low, last) : nil
    }

    private mutating func claim(
        _ region: MemoryRegion, base: UInt64, first: UInt64, last: UInt64, isReadOnly: Bool
    ) {
        var cursor = first
        var index = ranges.firstIndex { $0.last >= first } ?? ranges.count
        while true {
            let isInside = index < ranges.count && ranges[index].first <= last
            let gapLast = isInside ? ranges[index].first &- 1 : last
            if !isInside || ranges[index].first > cursor {
                ranges.insert(
                    FlatRange(
                        first: cursor, last: gapLast, region: region, regionOffset: cursor &- base,
                        isReadOnly: isReadOnly), at: index)
                index += 1
            }
            guard isInside, ranges[index].last < last else { return }
            cursor = ranges[index].last &+ 1
            index += 1
        }
    }
}
