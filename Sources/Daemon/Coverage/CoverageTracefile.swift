/// The report in lcov's tracefile format (geninfo(1)), which genhtml and most coverage viewers read. A line counts as often
/// as its most frequent edge; lines without an edge of their own are not in it.
package enum CoverageTracefile {
    package static func text(_ report: EdgeReport) -> String {
        let functions = Dictionary(grouping: report.allFunctions.filter { $0.file != nil }) { $0.file ?? "" }
        var text = ""
        for file in report.files where !file.lines.isEmpty {
            text += "TN:\nSF:\(file.path)\n"
            // Several functions may be specialised from one: lcov wants each name once.
            var seen: Set<String> = []
            let own = (functions[file.path] ?? []).filter { $0.line != nil && seen.insert($0.name).inserted }
            for function in own { text += "FN:\(function.line ?? 0),\(name(function))\n" }
            for function in own { text += "FNDA:\(function.isReached ? max(function.hits, 1) : 0),\(name(function))\n" }
            text += "FNF:\(own.count)\nFNH:\(own.count(where: \.isReached))\n"
            for line in file.lines { text += "DA:\(line.number),\(line.hits)\n" }
            text += "LF:\(file.lines.count)\nLH:\(file.lines.count { $0.hits > 0 })\nend_of_record\n"
        }
        return text
    }

    /// A record ends with its line.
    private static func name(_ function: EdgeReport.Function) -> String {
        function.name.replacing("\n", with: " ")
    }
}
