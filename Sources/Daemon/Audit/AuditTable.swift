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
            lines += section(report.keptApart, title: "kept apart: mapped memory, the clock, libraries, fuzzd's own")
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
            let reasons = Dictionary(grouping: report.subject.notAudited, by: \.reason)
            for reason in reasons.keys.sorted() {
                notes.append("not audited: \(SummaryText.plural(reasons[reason]?.count ?? 0, "input")): \(reason)")
            }
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
        let lines = AuditLine.lines(of: rows)
        let listed = lines.prefix(listedRows)
        var cells = [[title, "bytes", "inputs", "smallest", "input"]] + listed.map(\.cells)
        if listed.contains(where: { !$0.allocatedBy.isEmpty }) {
            cells[0].append("allocated by")
            for (index, line) in listed.enumerated() { cells[index + 1].append(line.allocatedBy.isEmpty ? "-" : line.allocatedBy) }
        }
        let table = TextColumns.aligned(cells, textColumns: [0, 4, 5])
        let rest = lines.count - listed.count
        return table + (rest > 0 ? ["and \(rest) more; --json lists all"] : [])
    }
}

/// One line of the text form. Blocks without a type are one line for each place in the source that allocates them: an address map that is
/// built anew has hundreds of places that differ.
private struct AuditLine {
    private var place: String
    private var bytes: Int
    private var inputs: Int
    private var smallestInput: AuditLedger.Input?
    private(set) var allocatedBy: String
    private var morePlaces = 0

    private init(_ row: AuditReport.Row) {
        let isBlock = row.place.kind == .allocation
        let block = row.allocation.map { "\($0.bytes) bytes of \($0.function)+0x\(String(row.place.offset, radix: 16))" }
        place = isBlock ? block ?? row.place.text : row.place.text
        bytes = row.bytes
        inputs = row.inputs
        smallestInput = row.smallestInput
        allocatedBy = TerminalText.sanitised(row.allocation?.text ?? "")
    }

    /// In the order of their first rows.
    static func lines(of rows: [AuditReport.Row]) -> [AuditLine] {
        var lines: [AuditLine] = []
        var lineOfSite: [String: Int] = [:]
        for row in rows {
            guard row.place.kind == .allocation, let site = row.allocation?.site else {
                lines.append(AuditLine(row))
                continue
            }
            if let index = lineOfSite[site] {
                lines[index].add(row)
            } else {
                lineOfSite[site] = lines.count
                lines.append(AuditLine(row))
            }
        }
        return lines
    }

    private mutating func add(_ row: AuditReport.Row) {
        bytes += row.bytes
        inputs = max(inputs, row.inputs)
        morePlaces += 1
        let both = [smallestInput, row.smallestInput].compactMap { $0 }
        smallestInput = both.min { ($0.bytes, $0.fileName) < ($1.bytes, $1.fileName) }
    }

    var cells: [String] {
        [
            TerminalText.sanitised(place) + (morePlaces > 0 ? ", \(SummaryText.plural(morePlaces, "more place"))" : ""), "\(bytes)",
            "\(inputs)", smallestInput.map { "\($0.bytes)" } ?? "-", TerminalText.sanitised(smallestInput?.fileName ?? "-"),
        ]
    }
}
