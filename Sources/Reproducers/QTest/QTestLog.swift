/// What a target prints with `QTEST_LOG` and `FUZZ_SERIALIZE_QTEST` in its environment (QEMU: system/qtest.c and
/// tests/qtest/fuzz/generic_fuzz.c; the built-in machine writes the same). A command's line ends with `[R +seconds] COMMAND`;
/// in front may stand what answers to earlier commands left there, `[DMA]`, `[DOUBLE-FETCH]` and, from the built-in machine,
/// `[at REGION+OFFSET OWNER]`. All other lines are somebody else's.
package enum QTestLog {
    private static let mark = Array("[R +".utf8)

    /// The commands, in their order. Lines that a dying target left unfinished, and commands that are no accesses, are left out.
    package static func parse(_ output: some Collection<UInt8>) -> Trace {
        var entries: [TraceEntry] = []
        // What stands before a mark and belongs to it: GLib's complaint about QEMU's timer may have broken the line there.
        var carried = ""
        for line in output.split(separator: 10) {
            let line = Array(line)
            guard let start = lastMark(line) else {
                let tags = ["[DMA]", "[DOUBLE-FETCH]"].filter(String(decoding: line.prefix(512), as: UTF8.self).contains)
                carried += tags.joined()
                continue
            }
            if let entry = entry(line, start, before: carried + String(decoding: line[..<start], as: UTF8.self)) {
                entries.append(entry)
            }
            carried = ""
        }
        return Trace(entries)
    }

    /// From QEMU's line `Starting i386 with Arguments: …`.
    package static func commandLine(_ output: some Collection<UInt8>) -> QEMUCommandLine? {
        for line in output.split(separator: 10) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
            guard words.count > 4, words[0] == "Starting", words[2...3] == ["with", "Arguments:"] else { continue }
            return QEMUCommandLine(targetArguments: Array(words[4...]), architecture: words[1])
        }
        return nil
    }

    /// The globs that the target says it matches objects by.
    package static func objects(_ output: some Collection<UInt8>) -> [String] {
        let prefix = "Matching objects by name "
        return output.split(separator: 10).compactMap { line in
            let text = String(decoding: line, as: UTF8.self)
            return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
        }
    }

    private static func entry(_ line: [UInt8], _ start: Int, before: String) -> TraceEntry? {
        guard let close = line[start...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
        guard let command = try? QTestCommand(parsing: String(decoding: line[(close + 1)...], as: UTF8.self)) else { return nil }
        let isFill = before.contains("[DMA]")
        let origin: TraceEntry.Origin = !isFill ? .access : before.contains("[DOUBLE-FETCH]") ? .doubleFetch : .fill
        return TraceEntry(command, origin: origin, place: isFill ? nil : place(before))
    }

    private static func lastMark(_ line: [UInt8]) -> Int? {
        guard line.count >= mark.count else { return nil }
        // Data are digits: a mark is near the beginning or not there.
        let limit = min(line.count - mark.count, 512)
        return stride(from: limit, through: 0, by: -1).first { line[$0..<($0 + mark.count)].elementsEqual(mark) }
    }

    private static func place(_ text: String) -> AccessPlace? {
        guard let start = text.range(ofText: "[at "), let end = text[start...].firstIndex(of: "]") else { return nil }
        let words = text[start..<end].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = words.first, let plus = name.lastIndex(of: "+"),
            let offset = integer(name[name.index(after: plus)...])
        else { return nil }
        return AccessPlace(
            region: String(name[..<plus]), offset: offset, owner: words.count > 1 ? String(words[1]) : "")
    }
}

extension String {
    /// Behind the first occurrence of `text`.
    func range(ofText text: String) -> String.Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return self.index(index, offsetBy: text.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
