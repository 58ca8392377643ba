/// The text form of a coverage difference.
package enum CoverageDifferenceTable {
    /// More functions than this a side are counted; JSON has all of them.
    static let listedFunctions = 40
    private static let nameWidth = 56
    /// Lines named for one function.
    private static let listedLines = 8

    package static func lines(_ difference: CoverageDifference, _ map: CoverageMap, sources: some SourceLines) -> [String] {
        let rows = [difference.first, difference.second].map { side in
            [
                TerminalText.sanitised(side.name), HumanFormat.grouped(UInt64(side.inputs)),
                HumanFormat.grouped(UInt64(side.reachedEdges)), HumanFormat.grouped(UInt64(side.ownEdges)),
                HumanFormat.grouped(UInt64(side.ownFunctions)),
            ]
        }
        var lines = TextColumns.aligned([["corpus", "inputs", "edges", "only here", "functions only here"]] + rows)
        lines.append("\(HumanFormat.grouped(UInt64(difference.commonEdges))) edges are reached by both")
        if difference.isEmpty { return lines + ["no difference"] }
        for side in [difference.first, difference.second] where !side.parts.isEmpty {
            lines += ["", "only \(TerminalText.sanitised(side.name)) reaches"]
            lines += TextColumns.aligned(
                [["  edges", "function", "place", "lines"]]
                    + side.parts.prefix(listedFunctions).map { row($0, map, sources) }, textColumns: [1, 2, 3])
            let rest = side.parts.count - listedFunctions
            if rest > 0 { lines.append("  and \(HumanFormat.grouped(UInt64(rest))) more functions; --json lists all") }
        }
        return lines
    }

    private static func row(_ part: CoverageDifference.Part, _ map: CoverageMap, _ sources: some SourceLines) -> [String] {
        let function = map.functions[part.function]
        let name = TerminalText.keepingStart(TerminalText.sanitised(ReadableName.short(function.name)), width: nameWidth)
        let place = function.file.map { sources.shown($0) + (function.line.map { ":\($0)" } ?? "") } ?? function.module
        return [
            "\(part.edges.count)/\(function.edges.count)", name + (part.isWholeFunction ? " (whole)" : ""),
            TerminalText.sanitised(place), text(of: lines(of: part, map)),
        ]
    }

    /// Lines of the function's own file that the edges stand in, each once, ascending.
    static func lines(of part: CoverageDifference.Part, _ map: CoverageMap) -> [Int] {
        let file = map.functions[part.function].file
        return Set(part.edges.compactMap { map.edges[$0].file == file ? map.edges[$0].line : nil }).sorted()
    }

    private static func text(of lines: [Int]) -> String {
        lines.prefix(listedLines).map(String.init).joined(separator: ",") + (lines.count > listedLines ? ",…" : "")
    }
}
