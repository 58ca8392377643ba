/// A shell-like pattern as GLib's `g_pattern_match_simple` knows it: `*` is any stretch, `?` any one
/// character, everything else itself; no classes, no escapes. ASCII case is ignored, as in
/// `QEMU_FUZZ_OBJECTS`.
package struct Glob: Sendable {
    private let pattern: [UInt8]

    package init(_ pattern: String) { self.pattern = pattern.utf8.map(Self.lowercased) }

    /// The globs of a list separated by spaces. An empty word between two spaces matches nothing.
    package static func list(_ text: String) -> [Glob] {
        text.split(separator: " ").map { Glob(String($0)) }
    }

    /// Whether the pattern covers the whole of `name`. Time is at most the product of both lengths.
    package func matches(_ name: String) -> Bool {
        let name = name.utf8.map(Self.lowercased)
        var patternIndex = 0
        var nameIndex = 0
        // Where to go on after a mismatch: the last star swallows one more byte.
        var starIndex: Int?
        var retryIndex = 0
        while nameIndex < name.count {
            if patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") {
                starIndex = patternIndex
                retryIndex = nameIndex
                patternIndex += 1
            } else if patternIndex < pattern.count,
                pattern[patternIndex] == UInt8(ascii: "?") || pattern[patternIndex] == name[nameIndex]
            {
                patternIndex += 1
                nameIndex += 1
            } else if let star = starIndex {
                retryIndex += 1
                nameIndex = retryIndex
                patternIndex = star + 1
            } else {
                return false
            }
        }
        return pattern[patternIndex...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
