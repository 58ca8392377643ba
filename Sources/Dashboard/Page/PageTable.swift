/// Tables that scroll by themselves where the screen is narrower than they are.
enum PageTable {
    /// One column: its heading and how its cells stand.
    struct Column {
        var title: String
        var isText = false

        static func text(_ title: String) -> Column { Column(title: title, isText: true) }
        static func number(_ title: String) -> Column { Column(title: title) }
    }

    /// - Parameter rows: cells as HTML.
    static func table(_ columns: [Column], _ rows: [[String]]) -> String {
        let head = columns.map { "<th\(attribute($0))>\(HTMLText.escaped($0.title))</th>" }.joined()
        let body = rows.map { row in
            "<tr>" + zip(columns, row).map { "<td\(attribute($0))>\($1)</td>" }.joined() + "</tr>"
        }
        return "<div class=\"scroll\"><table>\n<tr>\(head)</tr>\n\(body.joined(separator: "\n"))\n</table></div>"
    }

    private static func attribute(_ column: Column) -> String { column.isText ? " class=\"text\"" : "" }

    static func text(_ text: String) -> String { HTMLText.escaped(text) }

    static func code(_ text: String) -> String { text.isEmpty ? "" : "<code>\(HTMLText.escaped(text))</code>" }

    /// A bar as long as the share, and its numbers.
    static func share(_ share: PageShare) -> String {
        """
        <span class="share"><i style="width:\(share.permille / 10).\(share.permille % 10)%"></i></span> \
        <span class="of">\(share.reached)/\(share.total)</span>
        """
    }
}
