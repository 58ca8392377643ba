import Foundation
import Storage

/// What `fuzzd crashes` prints for people. Nothing of the target's own text steers the terminal.
package enum CrashText {
    /// One line a group under a head line; a line more where a cause is known.
    package static func list(_ inventory: CrashInventory) -> [String] {
        let groups = inventory.groups.map(\.group)
        guard !groups.isEmpty else { return ["no crashes"] }
        var lines = ["ID              SEEN  FIRST (UTC)       LAST (UTC)        LABEL         SIZE  WHAT"]
        for group in groups {
            let columns = [
                right(HumanFormat.grouped(group.count), 9), time(group.firstSeen), time(group.lastSeen), left(group.label, 11),
                right("\(group.smallest.entry.input.count)", 6),
            ]
            lines.append(
                group.identifier + " " + columns.joined(separator: "  ") + "  "
                    + TerminalText.sanitised(group.title))
            if let cause = group.smallest.triage?.cause { lines.append("           " + cause.explanation) }
        }
        let artifacts = groups.reduce(0) { $0 + $1.artifacts.count }
        lines.append(
            "\(SummaryText.plural(groups.count, "group")) of \(SummaryText.plural(artifacts, "artifact")); "
                + "'fuzzd crashes show ID' tells all of one")
        return lines
    }

    /// All that is known of a group, by its smallest artifact.
    package static func show(_ group: CrashGroup, _ shown: TriagedArtifact, configPath: String?) -> [String] {
        let record = shown.entry.record
        var lines = ["\(group.identifier)  \(group.title)"]
        lines.append("  label      " + label(shown))
        if let cause = shown.triage?.cause { lines.append("  cause      \(cause.kind.rawValue): \(cause.explanation)") }
        lines.append(
            "  seen       \(SummaryText.plural(Int(clamping: group.count), "time")), first \(time(group.firstSeen)), "
                + "last \(time(group.lastSeen)) UTC")
        if let record {
            lines.append("  config     \(record.config) (harness \(record.harness), seed \(record.seed))")
            if let target = record.target { lines.append("  target     \(target)") }
        }
        lines.append("  artifact   \(shown.entry.path) (\(SummaryText.plural(shown.entry.input.count, "byte")))")
        for other in group.artifacts where other.entry.name != shown.entry.name {
            let form = other.signature?.summary == shown.signature?.summary ? "" : ": " + (other.signature?.summary ?? "")
            let size = SummaryText.plural(other.entry.input.count, "byte")
            lines.append("  also       \(other.entry.path) (\(size), \(other.label))\(form)")
        }
        lines += section("stack", shown.report == nil ? shown.stack.enumerated().map { "  #\($0) \(frame($1))" } : [])
        lines += section("report", (shown.report ?? []).map { "  " + $0 })
        let output = (record?.output ?? "").split(separator: "\n").suffix(20).map { "  | \($0)" }
        lines += section("output", shown.report == nil ? output : [])
        lines += section("commands", CrashCommands.all(shown, configPath: configPath).map { "  " + $0.command })
        return lines.map(TerminalText.sanitised)
    }

    /// `stable: the same crash in 10 of 10 fresh runs`.
    package static func label(_ artifact: TriagedArtifact) -> String {
        guard let triage = artifact.triage else { return artifact.label }
        let tally = triage.tally
        let what =
            switch triage.signature.kind {
            case .timeout: "timeout"
            case .leak: "leak"
            case .outOfMemory: "excess of memory"
            case .crash: "crash"
            }
        let word = tally.isStable ? "stable" : triage.isGone ? "gone" : triage.label
        var text = "\(word): the same \(what) in \(tally.same) of \(tally.runs) fresh runs"
        if tally.passed > 0 { text += ", \(tally.passed) without a failure" }
        for other in tally.others { text += ", \(other.count) with \(other.signature.summary)" }
        if !triage.isAsRecorded { text += "; not the failure that the campaign recorded" }
        return text
    }

    private static func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : [title] + lines
    }

    private static func frame(_ frame: ArtifactFrame) -> String {
        let place = frame.file.map { file in
            ([file] + [frame.line, frame.column].compactMap { $0 }.map(String.init)).joined(separator: ":")
        }
        let module = frame.module.split(separator: "/").last ?? "?"
        return "\(frame.symbol ?? "?") \(place ?? "(\(module)+0x\(String(frame.offset, radix: 16)))")"
    }

    /// `2026-11-26 04:12`, in UTC.
    static func time(_ date: Date?) -> String {
        guard let date else { return "-               " }
        let text = date.formatted(.iso8601)
        return String(text.prefix(16)).replacing("T", with: " ")
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
