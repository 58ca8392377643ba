/// The page's tables: every number that the plots show, for reading and for copying.
enum ComparisonTables {
    /// More are left to the JSON form, so that the page stays small.
    static let listedDifferences = 500

    static func speed(_ rows: [ComparisonPage.Row]) -> String {
        PageTable.table(
            [.text("strategy"), .number("inputs/s"), .number("to fork"), .number("operations/s")],
            rows.map { [$0.name, $0.speed.label, $0.ratioLabel, $0.operationsLabel].map(PageTable.text) })
    }

    static func phases(_ rows: [ComparisonPage.Row]) -> String {
        PageTable.table(
            [.text("strategy")] + (rows.first?.phases ?? []).map { .number($0.name) },
            rows.map { row in ([row.name] + row.phases.map(\.label)).map(PageTable.text) })
    }

    static func differences(_ differences: [ComparisonPage.Difference]) -> String {
        guard !differences.isEmpty else { return PageFrame.paragraph("None: every reset left nothing behind.") }
        let shown = differences.prefix(listedDifferences).map { difference in
            [
                PageTable.text(difference.strategy), PageTable.code(difference.fileName), "\(difference.edgesOnlyInFork)",
                "\(difference.edgesOnlyInOther)", PageTable.text(difference.outcome),
            ]
        }
        let rest = differences.count - shown.count
        let table = PageTable.table(
            [
                .text("strategy"), .text("input"), .number("edges only in fork"), .number("edges only there"), .text("outcome"),
            ], Array(shown))
        return table + (rest > 0 ? "\n" + PageFrame.paragraph("and \(rest) more; the JSON form has all of them.") : "")
    }
}
