import Dashboard

extension EdgeReport {
    /// More runs than this are left to the JSON form, so that the page stays small.
    static let pageRuns = 300
    /// Lines of source on the page, of the files with most reached edges.
    static let pageSourceLines = 40_000
    /// Lines shown before and behind one with an edge.
    private static let context = 3

    /// The report as a web page.
    package func page(_ map: CoverageMap, sources: some SourceLines) -> CoveragePage {
        let own = Dictionary(grouping: allFunctions) { $0.file ?? map.functions[$0.index].module }
        let withSource = filesWithSource(sources)
        return CoveragePage(
            title: "Coverage of \(subject.campaign)",
            subtitle: "\(subject.program), by edges of its PC tables; corpus \(subject.corpora.joined(separator: ", "))"
                + (sources.commonDirectory.isEmpty ? "" : "; files below \(sources.commonDirectory)"),
            tiles: tiles,
            files: files.map { file in
                CoveragePage.File(
                    path: shown(file, sources), functions: PageShare(file.functions), edges: PageShare(file.edges),
                    functionList: (own[file.path] ?? []).map { function in
                        CoveragePage.Function(
                            name: ReadableName.short(function.name), line: function.line, edges: PageShare(function.edges),
                            hits: HumanFormat.grouped(function.hits))
                    }, source: withSource.contains(file.path) ? Self.source(file, sources.lines(of: file.path)) : [])
            }, frontier: frontierRows(map, sources, limit: Self.pageRuns), frontierRest: max(0, frontier.count - Self.pageRuns))
    }

    /// Numbers of the whole target.
    var tiles: [PageTile] {
        [
            PageTile(
                label: "edges", value: HumanFormat.percent(edges.ratio),
                detail: "\(HumanFormat.grouped(UInt64(edges.reached))) of \(HumanFormat.grouped(UInt64(edges.total)))"
                    + (unreachedTraps > 0 ? "; \(HumanFormat.grouped(UInt64(unreachedTraps))) only trap" : "")),
            PageTile(
                label: "functions", value: HumanFormat.percent(functions.ratio),
                detail: "\(HumanFormat.grouped(UInt64(functions.reached))) of \(HumanFormat.grouped(UInt64(functions.total)))"),
            PageTile(
                label: "inputs", value: HumanFormat.grouped(UInt64(subject.inputs)),
                detail: subject.failedInputs > 0 ? "\(HumanFormat.grouped(UInt64(subject.failedInputs))) failed" : ""),
            PageTile(label: "frontier", value: HumanFormat.grouped(UInt64(frontier.count)), detail: "places to go on from"),
        ]
    }

    func frontierRows(_ map: CoverageMap, _ sources: some SourceLines, limit: Int) -> [CoveragePage.FrontierRow] {
        frontier.prefix(limit).map { run in
            let edge = map.edges[run.edge]
            let function = map.functions[run.function]
            return CoveragePage.FrontierRow(
                neighbourHits: HumanFormat.grouped(run.neighbourHits), edges: run.count,
                place: sources.place(edge, in: function), function: ReadableName.short(edge.inlinedFunction ?? function.name),
                source: TerminalText.keepingStart(sources.line(edge.line, of: edge.file) ?? "", width: 100))
        }
    }

    /// A file's path; what has no file is made by the compiler, or was built without debug information.
    func shown(_ file: File, _ sources: some SourceLines) -> String {
        file.lines.isEmpty && hasSource && !file.path.hasPrefix("/") ? "\(file.path), no source" : sources.shown(file.path)
    }

    private func filesWithSource(_ sources: some SourceLines) -> Set<String> {
        var chosen: Set<String> = []
        var room = Self.pageSourceLines
        for file in files.sorted(by: { ($1.edges.reached, $0.path) < ($0.edges.reached, $1.path) })
        where file.edges.reached > 0 && !file.lines.isEmpty {
            let count = sources.lines(of: file.path).count
            guard count > 0, count <= room else { continue }
            room -= count
            chosen.insert(file.path)
        }
        return chosen
    }

    private static func source(_ file: File, _ text: [Substring]) -> [CoveragePage.SourceLine] {
        let lines = Dictionary(uniqueKeysWithValues: file.lines.map { ($0.number, $0) })
        var shown: Set<Int> = []
        for number in lines.keys { shown.formUnion(max(1, number - context)...(number + context)) }
        return shown.sorted().filter { $0 <= text.count }.map { number in
            let line = lines[number]
            return CoveragePage.SourceLine(
                number: number, text: String(text[number - 1]), state: state(line?.edges),
                hits: line.map { HumanFormat.grouped($0.hits) } ?? "")
        }
    }

    private static func state(_ edges: Share?) -> CoveragePage.SourceLine.State {
        guard let edges, edges.total > 0 else { return .none }
        return edges.reached == 0 ? .missed : edges.reached == edges.total ? .reached : .partly
    }
}

extension PageShare {
    init(_ share: EdgeReport.Share) { self.init(reached: share.reached, total: share.total) }
}
