/// The page's tables: every number that the plots show, for reading and for copying.
enum ComparisonTables {
    /// More are left to the JSON form, so that the page stays small.
    static let listedDifferences = 500

    static func speed(_ rows: [ComparisonPage.Row]) -> String {
        table(
            header: ["strategy", "inputs/s", "to fork", "operations/s"],
            rows: rows.map {
                [cell($0.name), cell($0.speed.label), cell($0.ratioLabel), cell($0.operationsLabel)]
            })
    }

    static func phases(_ rows: [ComparisonPage.Row]) -> String {
        table(
            header: ["strategy"] + (rows.first?.phases.map(\.name) ?? []),
            rows: rows.map { row in [cell(row.name)] + row.phases.map { cell($0.label) } })
    }

    static func differences(_ differences: [ComparisonPage.Difference]) -> String {
        guard !differences.isEmpty else { return "<p>None: every reset left nothing behind.</p>" }
        let shown = differences.prefix(listedDifferences).map { difference in
            [
                cell(difference.strategy),
                "<td class=\"text\"><code>\(HTMLText.escaped(difference.fileName))</code></td>",
                cell("\(difference.edgesOnlyInFork)"), cell("\(difference.edgesOnlyInOther)"),
                "<td class=\"text\">\(HTMLText.escaped(difference.outcome))</td>",
            ]
        }
        let rest = differences.count - shown.count
        let note = rest > 0 ? "\n<p>and \(rest) more; the JSON form has all of them.</p>" : ""
        return table(
            header: ["strategy", "input", "edges only in fork", "edges only there", "outcome"],
            rows: shown, textColumns: [1, 4]) + note
    }

    private static func cell(_ text: String) -> String {
        "<td>\(HTMLText.escaped(text))</td>"
    }

    private static func table(
        header: [String], rows: [[String]], textColumns: Set<Int> = []
    ) -> String {
        let head = header.enumerated().map { column, text in
            let attribute = textColumns.contains(column) ? " class=\"text\"" : ""
            return "<th\(attribute)>\(HTMLText.escaped(text))</th>"
        }.joined()
        let body = rows.map { "<tr>\($0.joined())</tr>" }.joined(separator: "\n")
        return "<div class=\"scroll\"><table>\n<tr>\(head)</tr>\n\(body)\n</table></div>"
    }
}
