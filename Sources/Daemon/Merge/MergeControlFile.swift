/// What a merge has seen so far, in libFuzzer's format, so that one that was killed goes on where it was.
///
/// Number of files, number of those of the first corpus, their names; then for each file `STARTED index size` and, if it did not
/// fail, `FT index feature…` and `COV index edge…`. Source: the files that LLVM 14 and 21 write.
package struct MergeControlFile: Equatable, Sendable {
    /// One processed file.
    package struct Entry: Equatable, Sendable {
        package var sizeBytes: Int
        /// `nil` where the input failed.
        package var features: [UInt32]?
        package var edges: [UInt32] = []

        package init(sizeBytes: Int, features: [UInt32]?, edges: [UInt32] = []) {
            self.sizeBytes = sizeBytes
            self.features = features
            self.edges = edges
        }

        func lines(index: Int) -> String {
            var text = "STARTED \(index) \(sizeBytes)\n"
            guard let features else { return text }
            text += "FT \(index)" + features.map { " \($0)" }.joined() + "\n"
            text += "COV \(index)" + edges.map { " \($0)" }.joined() + "\n"
            return text
        }
    }

    package var paths: [String]
    package var firstCorpusCount: Int
    /// Of the first files, in order.
    package var entries: [Entry] = []

    /// The file's text as far as it goes.
    var text: String { header + entries.enumerated().map { $1.lines(index: $0) }.joined() }

    var header: String {
        "\(paths.count)\n\(firstCorpusCount)\n" + paths.map { $0 + "\n" }.joined()
    }

    package init(paths: [String], firstCorpusCount: Int) {
        self.paths = paths
        self.firstCorpusCount = firstCorpusCount
    }

    /// Reads a control file; `nil` if it is none. What was cut off at its end is left out.
    init?(parsing text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // What follows the last line feed was not written whole.
        _ = lines.popLast()
        guard lines.count >= 2, let count = Int(lines[0]), let first = Int(lines[1]), count >= first, first >= 0,
            lines.count >= 2 + count
        else { return nil }
        self.init(paths: lines[2..<2 + count].map(String.init), firstCorpusCount: first)
        for line in lines[(2 + count)...] {
            guard add(line) else { return nil }
        }
        // An entry that does not end with its edges may be cut off: that file runs again, which does no harm.
        if let last = lines.last, !last.hasPrefix("COV "), !entries.isEmpty { entries.removeLast() }
    }

    private mutating func add(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        guard words.count >= 2, let index = Int(words[1]) else { return false }
        let numbers = words.dropFirst(2).compactMap { UInt32($0) }
        guard numbers.count == words.count - 2 else { return false }
        switch words[0] {
        case "STARTED":
            guard index == entries.count, index < paths.count, let size = numbers.first else { return false }
            entries.append(Entry(sizeBytes: Int(size), features: nil))
        case "FT":
            guard index == entries.count - 1 else { return false }
            entries[index].features = numbers
        case "COV":
            guard index == entries.count - 1 else { return false }
            entries[index].edges = numbers
        default: return false
        }
        return true
    }
}
