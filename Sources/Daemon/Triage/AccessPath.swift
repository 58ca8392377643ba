import ForkServer

/// How a guest's access reached the code that failed: machinery of every emulated machine, which says nothing of where a bug is.
///
/// A device's registers are usually reachable in several ways (an old and a new interface, ports and memory, reads and
/// writes), and what one check was left out of fails on all of them. So a signature takes what is inside the device: not
/// the dispatch, not the callback that it called, and no word that only tells a direction.
enum AccessPath {
    /// Functions that hand an access to a device, at once or later. The built-in machine's, then QEMU's (softmmu/memory.c).
    private static let dispatchers: Set<String> = [
        "Machine.MemoryRegion.dispatchRead", "Machine.MemoryRegion.dispatchWrite",
        "memory_region_dispatch_read", "memory_region_dispatch_read1", "memory_region_dispatch_write",
        "memory_region_read_accessor", "memory_region_read_with_attrs_accessor",
        "memory_region_write_accessor", "memory_region_write_with_attrs_accessor",
        // Timers and bottom halves call a device too, with what an access left for later (util/qemu-timer.c, util/async.c).
        "timerlist_run_timers", "aio_bh_call",
    ]
    private static let directionWords: Set<String> = [
        "read", "load", "get", "readb", "readw", "readl", "readq", "write", "store", "set", "writeb", "writew", "writel", "writeq",
    ]

    /// What of a stack is inside a device.
    struct Inside {
        /// As they are in the source, innermost first: for people.
        var names: [String]
        /// What two failures of one bug have in common: names without direction, or the device's type alone.
        var compared: [String]
        /// Whether an access led there; else all of the stack's names are here.
        var isDispatched: Bool
    }

    static func inside(_ names: [String]) -> Inside {
        guard let index = names.firstIndex(where: dispatchers.contains), index > 0 else {
            let all = collapsed(names)
            return Inside(names: all, compared: all, isDispatched: false)
        }
        let inside = collapsed(Array(names[..<index]))
        let compared = (registerCode(inside) ?? sharedHelper(inside)).map { [$0] } ?? withoutCallback(collapsed(inside.map(neutral)))
        return Inside(names: withoutCallback(inside), compared: compared, isDispatched: true)
    }

    /// The outermost is the register callback: how it came in, unless it failed itself.
    private static func withoutCallback(_ names: [String]) -> [String] { names.count > 1 ? Array(names.dropLast()) : names }

    /// The type whose register callback failed itself, or in a function of the type that it called directly: a number that one register
    /// selects is used by many others, by reads, writes and helpers, in the old interface and the new. `nil` elsewhere, and for names
    /// without types.
    private static func registerCode(_ inside: [String]) -> String? {
        inside.count <= 2 ? commonType(inside) : nil
    }

    /// A function two calls away from the register callback, all three of one type: which of the type's functions called it says no more than
    /// which register it was. `nil` elsewhere.
    private static func sharedHelper(_ inside: [String]) -> String? {
        inside.count == 3 && commonType(inside) != nil ? neutral(inside[0]) : nil
    }

    private static func commonType(_ inside: [String]) -> String? {
        guard let callback = inside.last, let type = type(of: callback), inside.allSatisfy({ Self.type(of: $0) == type }) else { return nil }
        return type
    }

    /// `Devices.Serial` of `Devices.Serial.read`, `net::Card` of `net::Card::write`; `nil` of `Devices.read`, `net::poll` and `e1000_read`.
    private static func type(of name: String) -> String? {
        let qualifier = name.dropLast(lastPart(name).count)
        let type = qualifier.hasSuffix("::") ? qualifier.dropLast(2) : qualifier.dropLast()
        // A Swift module is written like a type; nothing stands before it.
        guard lastPart(String(type)).first?.isUppercase == true, qualifier.hasSuffix("::") || type.contains(".") else { return nil }
        return String(type)
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

    /// `MSIX.accessTable` of `MSIX.readTable`. Not the access's own direction alone: that of a request (a disk's reads and writes) is
    /// the guest's choice too.
    static func neutral(_ name: String) -> String {
        let part = lastPart(name)
        let words = words(of: part)
        guard words.contains(where: { directionWords.contains($0.lowercased()) }) else { return name }
        let neutral = words.map { directionWords.contains($0.lowercased()) ? "access" : $0 }
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
