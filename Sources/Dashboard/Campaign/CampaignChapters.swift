/// The parts of the campaign page.
enum CampaignChapters {
    static func crashes(_ crashes: [CampaignPage.Crash]) -> String {
        guard !crashes.isEmpty else { return PageFrame.paragraph("None.") }
        let note = PageFrame.paragraph(
            "Groups of artifacts with one signature of their stacks, newest first, as 'fuzzd crashes' lists them; each artifact was "
                + "run ten times, or five times where it hung each time.")
        return note + "\n" + crashes.map(crash).joined(separator: "\n")
    }

    private static func crash(_ crash: CampaignPage.Crash) -> String {
        let parts =
            crash.facts.map(PageFrame.paragraph) + [stack(crash)]
            + crash.commands.map { "<p>\(HTMLText.escaped($0.purpose))</p><pre class=\"command\">\(HTMLText.escaped($0.command))</pre>" }
            + [others(crash.artifacts)]
        return """
            <details id="\(HTMLText.escaped(crash.identifier))"><summary>\
            <span class="label\(crash.isStable ? " stable" : "")">\(HTMLText.escaped(crash.label))</span>\
            <span class="name">\(HTMLText.escaped(crash.summary))</span>\
            <span class="count">\(HTMLText.escaped(crash.count))</span></summary>
            \(parts.filter { !$0.isEmpty }.joined(separator: "\n"))
            </details>
            """
    }

    private static func stack(_ crash: CampaignPage.Crash) -> String {
        let lines =
            crash.report.isEmpty
            ? crash.stack.enumerated().map { "<span><i>#\($0)</i> \(HTMLText.escaped($1))</span>" }
            : crash.report.map { "<span>\(HTMLText.escaped($0.isEmpty ? " " : $0))</span>" }
        guard !lines.isEmpty else { return "" }
        return "<pre class=\"source\">\(lines.joined())</pre>"
    }

    private static func others(_ artifacts: [String]) -> String {
        guard artifacts.count > 1 else { return "" }
        let items = artifacts.dropFirst().map { "<span>\(HTMLText.escaped($0))</span>" }
        return "<p>The other artifacts:</p><pre class=\"source\">\(items.joined())</pre>"
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
