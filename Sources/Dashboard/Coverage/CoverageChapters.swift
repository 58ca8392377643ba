/// The parts of the coverage page.
enum CoverageChapters {
    static let key = """
        <p>Lines of source: <span class="key c">every edge reached</span> <span class="key p">some</span> \
        <span class="key u">none</span>. The number behind that of the line is how often its most frequent edge was hit.</p>
        """

    static func frontier(_ rows: [CoveragePage.FrontierRow], rest: Int) -> String {
        guard !rows.isEmpty else { return PageFrame.paragraph("Every edge of every reached function was reached.") }
        let table = PageTable.table(
            [.number("hits"), .number("edges"), .text("place"), .text("source"), .text("function")],
            rows.map { row in
                [
                    PageTable.text(row.neighbourHits), "\(row.edges)", PageTable.code(row.place), PageTable.code(row.source),
                    PageTable.code(row.function),
                ]
            })
        return table + (rest > 0 ? "\n" + PageFrame.paragraph("and \(rest) more; the JSON form has all of them.") : "")
    }

    /// One fold for each file.
    static func files(_ files: [CoveragePage.File]) -> String {
        files.map { file in
            """
            <details><summary><span class="name"><code>\(HTMLText.escaped(file.path))</code></span>\
            <span>\(PageTable.share(file.edges))</span></summary>
            \(functions(file))
            \(source(file.source))
            </details>
            """
        }.joined(separator: "\n")
    }

    private static func functions(_ file: CoveragePage.File) -> String {
        guard !file.functionList.isEmpty else { return "" }
        return PageTable.table(
            [.text("function (\(file.functions.reached) of \(file.functions.total) reached)"), .number("line"), .number("hits"),
                .text("edges")],
            file.functionList.map { function in
                [
                    PageTable.code(function.name), function.line.map(String.init) ?? "", PageTable.text(function.hits),
                    PageTable.share(function.edges),
                ]
            })
    }

    static func source(_ lines: [CoveragePage.SourceLine]) -> String {
        guard !lines.isEmpty else { return "" }
        var rows: [String] = []
        var previous = (lines.first?.number ?? 1) - 1
        for line in lines {
            if line.number != previous + 1 { rows.append("<span><i>⋯</i></span>") }
            previous = line.number
            let state =
                switch line.state {
                case .none: ""
                case .reached: " class=\"c\""
                case .missed: " class=\"u\""
                case .partly: " class=\"p\""
                }
            let hits = HTMLText.escaped(line.hits)
            let text = HTMLText.escaped(line.text.replacing("\t", with: "    "))
            rows.append("<span\(state)><i>\(line.number)</i><b>\(hits)</b>\(text)</span>")
        }
        return "<pre class=\"source\">\(rows.joined())</pre>"
    }
}
