import Foundation

/// The text form of a report: aligned columns, for terminals and for issues.
package enum CompareTable {
    /// More differing inputs than this a strategy are counted; JSON has all of them.
    static let listedDifferences = 20

    package static func lines(_ report: CompareReport) -> [String] {
        let subject = report.subject
        var lines = [
            "\(subject.campaign) (\(subject.harness)): "
                + "\(SummaryText.plural(subject.inputCount, "input")), "
                + "\(SummaryText.plural(subject.rounds, "round")) a strategy, alternating",
            "",
        ]
        lines += TextColumns.aligned(speedRows(report))
        lines += ["", "time an input (median), and its share"]
        lines += TextColumns.aligned(phaseRows(report))
        lines.append("")
        return lines + differenceLines(report) + (report.orders?.lines ?? []) + notes(report)
    }

    /// The report as JSON with sorted keys, ending in a line feed.
    package static func json(_ report: CompareReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
    }

    private static func speedRows(_ report: CompareReport) -> [[String]] {
        let header = [
            "strategy", "exec/s", "lowest", "highest", "to fork", "operations/s", "lowest", "highest",
        ]
        return [header]
            + report.strategies.map { row in
                let executions = row.executionsPerSecond
                let operations = row.operationsPerSecond
                return [
                    row.strategy.rawValue, HumanFormat.count(executions.median),
                    HumanFormat.count(executions.minimum), HumanFormat.count(executions.maximum),
                    row.ratioToFork.map { HumanFormat.fixed($0, decimals: 2) } ?? "-",
                    HumanFormat.count(operations.median), HumanFormat.count(operations.minimum),
                    HumanFormat.count(operations.maximum),
                ]
            }
    }

    private static func phaseRows(_ report: CompareReport) -> [[String]] {
        [["strategy", "fork", "", "child", "", "reaping", "", "hand-over", ""]]
            + report.strategies.map { row in
                let total = max(1, row.perInput.totalNanoseconds)
                return [row.strategy.rawValue]
                    + row.perInput.phases.flatMap { phase in
                        [
                            HumanFormat.nanoseconds(phase.nanoseconds),
                            HumanFormat.percent(phase.nanoseconds / total),
                        ]
                    }
            }
    }

    private static func differenceLines(_ report: CompareReport) -> [String] {
        var lines: [String] = []
        for row in report.strategies where row.strategy != .fork {
            let differences = report.differences.filter { $0.strategy == row.strategy }
            guard !differences.isEmpty else {
                lines.append("\(row.strategy.rawValue): every input covers what it covers under fork")
                continue
            }
            lines.append(
                "\(row.strategy.rawValue): inputs that behave otherwise than under fork: "
                    + "\(differences.count) of \(report.subject.inputCount)")
            lines += TextColumns.aligned(
                [["  input", "only in fork", "only in \(row.strategy.rawValue)", "outcome"]]
                    + differences.prefix(listedDifferences).map(differenceRow), textColumns: [0, 3])
            let rest = differences.count - listedDifferences
            if rest > 0 { lines.append("  and \(rest) more; --json lists all") }
        }
        return lines
    }

    /// What else is to be known of a strategy.
    static func notes(_ report: CompareReport) -> [String] {
        report.strategies.compactMap { row in
            row.replacedRunners.map { "\(row.strategy.rawValue): replaced \(SummaryText.replacedText($0))" }
        }
    }

    private static func differenceRow(_ difference: InputDifference) -> [String] {
        let isSame = difference.outcomeUnderFork == difference.outcomeUnderOther
        return [
            "  " + TerminalText.sanitised(difference.fileName), "\(difference.edgesOnlyInFork)",
            "\(difference.edgesOnlyInOther)",
            TerminalText.sanitised(
                isSame
                    ? difference.outcomeUnderFork
                    : "\(difference.outcomeUnderFork) -> \(difference.outcomeUnderOther)"),
        ]
    }
}
