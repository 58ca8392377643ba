/// The text form of a coverage report: for terminals and for issues.
package enum CoverageTable {
    /// More runs than this are left to the page and the JSON form.
    static let listedRuns = 20
    /// Fewer files than this are all listed; of more, those that something was reached of.
    static let fullyListedFiles = 80
    private static let nameWidth = 56
    private static let sourceWidth = 72

    package static func lines(_ report: EdgeReport, _ map: CoverageMap, sources: some SourceLines) -> [String] {
        let subject = report.subject
        var lines = [
            "\(subject.campaign) (\(TerminalText.sanitised(subject.program))): " + inputs(subject),
            "functions \(share(report.functions)), edges \(share(report.edges))" + traps(report),
            "",
        ]
        let files =
            report.files.count <= fullyListedFiles ? report.files : report.files.filter { $0.edges.reached > 0 }
        lines += TextColumns.aligned(
            [["file", "functions", "", "edges", ""]]
                + files.map { file in
                    [
                        TerminalText.sanitised(report.shown(file, sources)), fraction(file.functions), percent(file.functions),
                        fraction(file.edges), percent(file.edges),
                    ]
                })
        let rest = report.files.count - files.count
        if rest > 0 {
            lines.append("and \(SummaryText.plural(rest, "file")) of which nothing was reached; --html and --json list all")
        }
        if !sources.commonDirectory.isEmpty { lines.append("files are below \(TerminalText.sanitised(sources.commonDirectory))") }
        return lines + [""] + frontier(report, map, sources)
    }

    private static func traps(_ report: EdgeReport) -> String {
        report.unreachedTraps == 0
            ? "" : "; \(HumanFormat.grouped(UInt64(report.unreachedTraps))) of the unreached are traps of checks"
    }

    static func inputs(_ subject: EdgeReport.Subject) -> String {
        let failed = subject.failedInputs > 0 ? ", \(HumanFormat.grouped(UInt64(subject.failedInputs))) of them failed" : ""
        return SummaryText.plural(subject.inputs, "input") + failed
    }

    /// `12 of 40 (30.0 %)`.
    static func share(_ share: EdgeReport.Share) -> String {
        "\(HumanFormat.grouped(UInt64(share.reached))) of \(HumanFormat.grouped(UInt64(share.total))) (\(percent(share)))"
    }

    private static func fraction(_ share: EdgeReport.Share) -> String { "\(share.reached)/\(share.total)" }

    static func percent(_ share: EdgeReport.Share) -> String {
        share.total == 0 ? "-" : HumanFormat.percent(share.ratio)
    }

    private static func frontier(_ report: EdgeReport, _ map: CoverageMap, _ sources: some SourceLines) -> [String] {
        guard !report.frontier.isEmpty else { return ["frontier: every edge of every reached function was reached"] }
        var lines = ["frontier: unreached edges of reached functions, by the hits of the reached edge beside them"]
        let rows = report.frontier.prefix(listedRuns).map { run -> [String] in
            let edge = map.edges[run.edge]
            let function = map.functions[run.function]
            let place = TerminalText.sanitised(sources.place(edge, in: function))
            let name = TerminalText.keepingStart(
                TerminalText.sanitised(ReadableName.short(edge.inlinedFunction ?? function.name)), width: nameWidth)
            let text = TerminalText.keepingStart(
                TerminalText.sanitised(sources.line(edge.line, of: edge.file) ?? ""), width: sourceWidth)
            return [HumanFormat.grouped(run.neighbourHits), "\(run.count)", place, name, text]
        }
        lines += TextColumns.aligned([["hits", "edges", "place", "function", "source"]] + rows, textColumns: [2, 3, 4])
        let rest = report.frontier.count - listedRuns
        if rest > 0 { lines.append("and \(HumanFormat.grouped(UInt64(rest))) more; --html and --json list all") }
        return lines
    }
}

/// Where reports take source text and readable paths from.
package protocol SourceLines {
    /// Line `number`, counted from 1; `nil` where it cannot be read.
    func line(_ number: Int?, of path: String?) -> String?
    func lines(of path: String) -> [Substring]
    func shown(_ path: String) -> String
    /// What `shown` leaves out, where that is not plain; may be empty.
    var commonDirectory: String { get }
}


extension SourceLines {
    /// `FILE:LINE`, or what is known of the function.
    func place(_ edge: CoverageMap.Edge, in function: CoverageMap.Function) -> String {
        guard let file = edge.file ?? function.file else { return function.module }
        // A line of 0 is code that the compiler made.
        let line = edge.file == nil ? function.line : edge.line
        return shown(file) + (line.map { ":\($0)" } ?? "")
    }
}
