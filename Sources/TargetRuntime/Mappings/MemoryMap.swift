import CForkServerABI
import CTargetRuntime

/// This process's mappings, as `/proc/self/maps` and `smaps` tell them (proc(5)).
package enum MemoryMap {
    /// The mapping that contains an address.
    package static func mapping(at address: UInt) -> Mapping? {
        guard address != 0 else { return nil }
        var found: Mapping?
        forEachLine(cString("/proc/self/maps")) { line in
            guard let mapping = Mapping.parse(line), mapping.start <= address, address < mapping.end else { return }
            found = mapping
        }
        return found
    }

    /// Calls `body` with each private anonymous mapping that can be written to, the break heap among them; not with the stack,
    /// nor with mappings above 64 GiB, which are reservations and empty for the most part.
    static func forEachAnonymous(_ body: (Mapping) -> Void) {
        forEachLine(cString("/proc/self/maps")) { line in
            guard let mapping = Mapping.parse(line), mapping.bytes <= 64 << 30, mapping.isPrivateMemory(orHeap: true) else { return }
            body(mapping)
        }
    }

    /// Calls `body` with each mapping of a loaded object's file that cannot be written to, and its protection.
    static func forEachConstant(_ body: (Mapping, Int32) -> Void) {
        forEachLine(cString("/proc/self/maps")) { line in
            guard let mapping = Mapping.parse(line), mapping.isConstant else { return }
            body(mapping, mapping.isExecutable ? PROT_READ | PROT_EXEC : PROT_READ)
        }
    }

    /// Whether nobody gave advice on a mapping, or locked it: another one in its place is the same but for its contents.
    static func isPlain(_ wanted: Mapping) -> Bool {
        var isWanted = false
        var isPlain = false
        forEachLine(cString("/proc/self/smaps")) { line in
            if let mapping = Mapping.parse(line) { isWanted = mapping.start == wanted.start && mapping.end == wanted.end }
            guard isWanted, strncmp(line, cString("VmFlags:"), 8) == 0 else { return }
            // Wiped or left out at a fork, left out of dumps, locked, of a device, huge or not, for merging, watched, read in some order (proc(5)).
            let special = ["wf", "dc", "dd", "lo", "io", "ht", "hg", "nh", "mg", "um", "uw", "ui", "rr", "sr", "gd", "dp"] as InlineArray<16, StaticString>
            isPlain = true
            for index in 0..<special.count where fuzzd_has_word(line, cString(special[index])) != 0 { isPlain = false }
        }
        return isPlain
    }

    /// Gives memory that somebody marked `MADV_DONTFORK` back to the children; returns the number of mappings.
    package static func giveBackToChildren() -> Int {
        var current: Mapping?
        var count = 0
        forEachLine(cString("/proc/self/smaps")) { line in
            if let mapping = Mapping.parse(line) { current = mapping }
            guard strncmp(line, cString("VmFlags:"), 8) == 0, let mapping = current,
                fuzzd_has_word(line, cString("dc")) != 0
            else { return }
            let start = UnsafeMutableRawPointer(bitPattern: mapping.start)
            // What belongs to a device driver is refused, and stays as it is.
            if madvise(start, mapping.bytes, Int32(MADV_DOFORK)) == 0 { count += 1 }
        }
        return count
    }

    /// Calls `body` with each line, terminated, of a file that may be long.
    private static func forEachLine(_ path: UnsafePointer<CChar>, _ body: (UnsafeMutablePointer<CChar>) -> Void) {
        let size = 65536
        guard let memory = mapPrivate(bytes: size) else { return }
        defer { fuzzd_unmap(memory, size) }
        let descriptor = fuzzd_open_for_reading(path)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let text = memory.assumingMemoryBound(to: CChar.self)
        var held = 0
        while true {
            let count = read(descriptor, text.advanced(by: held), size - 1 - held)
            guard count > 0 else { return }
            held += count
            var line = 0
            for position in 0..<held where text[position] == 10 {
                text[position] = 0
                body(text.advanced(by: line))
                line = position + 1
            }
            memmove(text, text.advanced(by: line), held - line)
            held -= line
            if held == size - 1 { held = 0 }
        }
    }
}
