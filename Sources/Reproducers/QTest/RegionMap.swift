/// Regions of an emulated machine and where they lie, as QEMU's monitor command `info mtree -f` prints them.
package struct RegionMap: Equatable, Sendable {
    /// A stretch of addresses, both ends included, that one region answers.
    package struct Range: Equatable, Sendable {
        package var first: UInt64
        package var last: UInt64
        package var region: String
        /// Offset in the region of `first`.
        package var offset: UInt64
    }

    package var ports: [Range] = []
    package var memory: [Range] = []

    /// The last views of the two address spaces that the text has; empty where it has none.
    package init(memoryTree text: String) {
        var spaces: Set<String> = []
        var ranges: [Range] = []
        var isHead = false
        func finish(_ map: inout RegionMap) {
            if spaces.contains("I/O") { map.ports = ranges }
            if spaces.contains("memory") { map.memory = ranges }
            (spaces, ranges) = ([], [])
        }
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ").map(String.init)
            if words.first == "FlatView" {
                finish(&self)
                isHead = true
            } else if isHead, words.first == "AS" {
                if let name = line.split(separator: "\"").dropFirst().first { spaces.insert(String(name)) }
            } else if let range = Self.range(words, line) {
                isHead = false
                ranges.append(range)
            }
        }
        finish(&self)
    }

    package func place(ofPort port: UInt16) -> AccessPlace? { Self.place(UInt64(port), in: ports) }
    package func place(ofAddress address: UInt64) -> AccessPlace? { Self.place(address, in: memory) }

    private static func place(_ address: UInt64, in ranges: [Range]) -> AccessPlace? {
        guard let range = ranges.first(where: { $0.first <= address && address <= $0.last }) else { return nil }
        return AccessPlace(region: range.region, offset: range.offset &+ (address - range.first))
    }

    /// `00000000e0000000-00000000e000001f (prio 0, i/o): msix-table @0000000000000020`
    private static func range(_ words: [String], _ line: Substring) -> Range? {
        guard let extent = words.first, words.count >= 5, words[1] == "(prio" else { return nil }
        let ends = extent.split(separator: "-")
        guard ends.count == 2, let first = UInt64(ends[0], radix: 16), let last = UInt64(ends[1], radix: 16), first <= last,
            let colon = words.firstIndex(where: { $0.hasSuffix("):") })
        else { return nil }
        var name = words[(colon + 1)...]
        var offset: UInt64 = 0
        if let end = name.firstIndex(where: { $0.hasPrefix("@") }) {
            offset = UInt64(name[end].dropFirst(), radix: 16) ?? 0
            name = name[..<end]
        }
        return Range(first: first, last: last, region: name.joined(separator: " "), offset: offset)
    }
}
