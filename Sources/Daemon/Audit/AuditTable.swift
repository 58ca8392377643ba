import Foundation

/// The text form of an audit: aligned columns, for terminals and for issues.
package enum AuditTable {
    /// More rows of one list than this are counted; JSON has all of them.
    static let listedRows = 40

    package static func lines(_ report: AuditReport) -> [String] {
        let subject = report.subject
        var lines = ["\(subject.campaign): what the reboot leaves behind, \(SummaryText.plural(subject.inputs, "input"))", ""]
        if report.leftBehind.isEmpty {
            lines.append("nothing: after every input the reboot brings the machine back to what it was")
        } else {
            lines += section(report.leftBehind, title: "left behind")
        }
        if !report.keptApart.isEmpty {
            lines.append("")
            lines += section(report.keptApart, title: "kept apart: mapped memory, libraries, fuzzd's own")
        }
        if !report.noise.isEmpty {
            lines += ["", noiseText(report)]
        }
        lines += notes(report)
        return lines
    }

    static func noiseText(_ report: AuditReport) -> String {
        let bytes = report.noise.reduce(0) { $0 + $1.bytes }
        return "noise, which the empty input leaves too: \(SummaryText.plural(bytes, "byte")) in "
            + "\(SummaryText.plural(report.noise.count, "place")); --json lists them"
    }

    /// What else is to be known.
    static func notes(_ report: AuditReport) -> [String] {
        var notes: [String] = []
        if !report.subject.notAudited.isEmpty {
            notes.append(
                "not audited, because they end their process or cannot be undone: "
                    + SummaryText.plural(report.subject.notAudited.count, "input"))
        }
        if !report.subject.incomplete.isEmpty {
            notes.append(
                "more differs than is looked at: " + SummaryText.plural(report.subject.incomplete.count, "input"))
        }
        return notes
    }

    /// The report as JSON with sorted keys, ending in a line feed.
    package static func json(_ report: AuditReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
    }

    private static func section(_ rows: [AuditReport.Row], title: String) -> [String] {
        let listed = rows.prefix(listedRows)
        var cells = [[title, "bytes", "inputs", "smallest", "input"]] + listed.map(cells)
        if listed.contains(where: { $0.allocation != nil }) {
            cells[0].append("allocated by")
            for (index, row) in listed.enumerated() { cells[index + 1].append(TerminalText.sanitised(row.allocation?.text ?? "-")) }
        }
        let table = TextColumns.aligned(cells, textColumns: [0, 4, 5])
        let rest = rows.count - listedRows
        return table + (rest > 0 ? ["and \(rest) more; --json lists all"] : [])
    }

    private static func cells(_ row: AuditReport.Row) -> [String] {
        [
            TerminalText.sanitised(row.place.text), "\(row.bytes)", "\(row.inputs)",
            row.smallestInput.map { "\($0.bytes)" } ?? "-",
            TerminalText.sanitised(row.smallestInput?.fileName ?? "-"),
        ]
    }
}
