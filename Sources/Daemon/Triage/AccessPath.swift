import ForkServer

/// How a guest's access reached the code that failed: machinery of every emulated machine, which says nothing of where a bug is.
///
/// A device's registers are usually reachable in several ways (an old and a new interface, ports and memory, reads and
/// writes), and what one check was left out of fails on all of them. So a signature takes what is inside the device: not
/// the dispatch, not the callback that it called, and no word that only repeats the direction of the access.
enum AccessPath {
    enum Direction: Equatable { case read, write }

    /// Functions that hand an access to a device, by direction. The built-in machine's, then QEMU's (softmmu/memory.c).
    private static let readDispatchers: Set<String> = [
        "Machine.MemoryRegion.dispatchRead", "memory_region_dispatch_read", "memory_region_dispatch_read1",
        "memory_region_read_accessor", "memory_region_read_with_attrs_accessor",
    ]
    private static let writeDispatchers: Set<String> = [
        "Machine.MemoryRegion.dispatchWrite", "memory_region_dispatch_write", "memory_region_write_accessor",
        "memory_region_write_with_attrs_accessor",
    ]
    private static let readWords: Set<String> = ["read", "load", "get", "readb", "readw", "readl", "readq"]
    private static let writeWords: Set<String> = ["write", "store", "set", "writeb", "writew", "writel", "writeq"]

    /// The names inside the device, innermost first; all names where no dispatch is on the stack, or nothing else is.
    static func names(insideDevice names: [String]) -> (names: [String], isDispatched: Bool) {
        guard let (index, direction) = dispatch(names), index > 0 else { return (collapsed(names), false) }
        let inside = collapsed(names[..<index].map { neutral($0, direction) })
        // The outermost is the register callback: how it came in, unless it failed itself.
        return (inside.count > 1 ? Array(inside.dropLast()) : inside, true)
    }

    private static func dispatch(_ names: [String]) -> (Int, Direction)? {
        for (index, name) in names.enumerated() {
            if readDispatchers.contains(name) { return (index, .read) }
            if writeDispatchers.contains(name) { return (index, .write) }
        }
        return nil
    }

    /// A function that calls one of its own name (an override, a wrapper, itself) stands once, for the innermost.
    private static func collapsed(_ names: [String]) -> [String] {
        var result: [String] = []
        for name in names where result.last.map({ lastPart($0) != lastPart(name) }) ?? true { result.append(name) }
        return result
    }

    private static func lastPart(_ name: String) -> Substring {
        name[(name.lastIndex { $0 == "." || $0 == ":" }.map(name.index(after:)) ?? name.startIndex)...]
    }

    /// `MSIX.accessTable` of `MSIX.readTable` under a read; a word of the other direction is the device's own affair.
    static func neutral(_ name: String, _ direction: Direction) -> String {
        let part = lastPart(name)
        let wanted = direction == .read ? readWords : writeWords
        let words = words(of: part)
        guard words.contains(where: { wanted.contains($0.lowercased()) }) else { return name }
        let neutral = words.map { wanted.contains($0.lowercased()) ? "access" : $0 }
        return name[..<part.startIndex] + neutral.joined()
    }

    /// `read`, `Legacy` of `readLegacy`; `e1000`, `_`, `mmio`, `_`, `read` of `e1000_mmio_read`.
    private static func words(of name: Substring) -> [String] {
        var words: [String] = []
        var previous: Character = "_"
        for character in name {
            let isStart = character == "_" || previous == "_" || (character.isUppercase && !previous.isUppercase)
            if isStart || words.isEmpty { words.append("") }
            words[words.count - 1].append(character)
            previous = character
        }
        return words
    }
}
