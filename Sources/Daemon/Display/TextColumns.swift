/// Tables of plain text.
enum TextColumns {
    /// Columns two spaces apart; text to the left, numbers to the right.
    static func aligned(_ rows: [[String]], textColumns: Set<Int> = [0]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let fill = String(repeating: " ", count: widths[column] - cell.count)
                line += (column > 0 ? "  " : "") + (textColumns.contains(column) ? cell + fill : fill + cell)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
