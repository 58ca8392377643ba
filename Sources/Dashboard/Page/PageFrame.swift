/// What all pages share: one file without scripts that needs no network, in one column, legible on a phone.
enum PageFrame {
    /// The whole document.
    ///
    /// - Parameter style: what the page needs beside the style sheet of all pages.
    static func document(title: String, subtitle: String, style: String = "", body: [String]) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(HTMLText.escaped(title))</title>
        <link rel="icon" href="data:,">
        <style>
        \([PageStyle.sheet, style].filter { !$0.isEmpty }.joined(separator: "\n"))
        </style>
        </head>
        <body>
        <main>
        <h1>\(HTMLText.escaped(title))</h1>
        <p class="subtitle">\(HTMLText.escaped(subtitle))</p>
        \(body.joined(separator: "\n"))
        </main>
        </body>
        </html>

        """
    }

    /// A chapter; left out where it has nothing to say.
    static func section(_ title: String, id: String, _ parts: [String]) -> String {
        let body = parts.filter { !$0.isEmpty }
        guard !body.isEmpty else { return "" }
        return "<section id=\"\(id)\">\n<h2>\(HTMLText.escaped(title))</h2>\n\(body.joined(separator: "\n"))\n</section>"
    }

    static func paragraph(_ text: String) -> String { "<p>\(HTMLText.escaped(text))</p>" }

    static func tiles(_ tiles: [PageTile]) -> String {
        let items = tiles.map { tile in
            let detail = tile.detail.isEmpty ? "" : "<small>\(HTMLText.escaped(tile.detail))</small>"
            return "<div><span>\(HTMLText.escaped(tile.label))</span><b>\(HTMLText.escaped(tile.value))</b>\(detail)</div>"
        }
        return "<div class=\"tiles\">\n\(items.joined(separator: "\n"))\n</div>"
    }
}

/// One number in large type.
package struct PageTile: Sendable, Equatable {
    package var label: String
    package var value: String
    /// In small type below it; may be empty.
    package var detail: String

    package init(label: String, value: String, detail: String = "") {
        self.label = label
        self.value = value
        self.detail = detail
    }
}

/// Of how many there are, how many were reached.
package struct PageShare: Sendable, Equatable {
    package var reached: Int
    package var total: Int

    package init(reached: Int, total: Int) {
        self.reached = reached
        self.total = total
    }

    /// In tenths of a percent.
    var permille: Int { total == 0 ? 0 : (reached * 1000 + total / 2) / total }

    var percentText: String { total == 0 ? "–" : "\(permille / 10).\(permille % 10) %" }
}
