/// The parts of the campaign page.
enum CampaignChapters {
    static func crashes(_ crashes: [CampaignPage.Crash]) -> String {
        guard !crashes.isEmpty else { return PageFrame.paragraph("None.") }
        return crashes.map { crash in
            let stack = crash.stack.isEmpty ? "" : "<pre class=\"source\">" + frames(crash.stack) + "</pre>\n"
            let command =
                crash.command.isEmpty ? "" : "<pre class=\"command\">\(HTMLText.escaped(crash.command))</pre>\n"
            return """
                <details><summary><span class="name">\(HTMLText.escaped(crash.summary))</span></summary>
                \(PageFrame.paragraph(crash.facts))
                \(stack)\(command)</details>
                """
        }.joined(separator: "\n")
    }

    private static func frames(_ stack: [String]) -> String {
        stack.enumerated().map { "<span><i>#\($0)</i> \(HTMLText.escaped($1))</span>" }.joined()
    }

    static func heat(_ regions: [CampaignPage.HeatRegion], untouched: [String]) -> [String] {
        guard !regions.isEmpty || !untouched.isEmpty else { return [] }
        var parts = [
            PageFrame.paragraph(
                "Registers that the corpus reads and writes, by offset in their region. The warmer, the more accesses, on a "
                    + "logarithmic scale.")
        ]
        parts += regions.map { region in
            """
            <h3>\(HTMLText.escaped(region.name))</h3>
            \(PageFrame.paragraph(region.detail))
            <div class="heat">\(region.cells.map(cell).joined())</div>
            """
        }
        if !untouched.isEmpty {
            let names = untouched.map { "<code>\(HTMLText.escaped($0))</code>" }.joined(separator: ", ")
            parts.append("<h3>Matched by the config, and never accessed</h3>\n<p>\(names)</p>")
        }
        return parts
    }

    /// The page's text is legible on the warmest cell too: its colour is pale on a light ground and deep on a dark one.
    private static func cell(_ cell: CampaignPage.HeatCell) -> String {
        let heat = min(max(cell.heat, 0), 1000)
        let percent = 8 + heat * 87 / 1000
        let alpha = percent < 10 ? "0.0\(percent)" : "0.\(percent)"
        return """
            <div style="--a:\(alpha)" title="\(HTMLText.escaped(cell.detail))">\
            <code>\(HTMLText.escaped(cell.offset))</code><b>\(HTMLText.escaped(cell.count))</b></div>
            """
    }

    static func coverage(_ files: [CoveragePage.File]) -> [String] {
        guard !files.isEmpty else { return [] }
        let rows = files.map { file in
            [PageTable.code(file.path), PageTable.share(file.edges), PageTable.share(file.functions)]
        }
        return [PageTable.table([.text("file"), .text("edges"), .text("functions")], rows)]
    }
}
