/// What `fuzzd status` prints for one campaign: the facts of the live screen, one a line, without colours.
package enum StatusText {
    package static func lines(_ status: CampaignStatus) -> [String] {
        let facts =
            [
                ScreenCell("campaign", "\(status.name) (\(status.configPath))"),
                ScreenCell("state", "\(status.state.rawValue), pid \(status.processID)"),
                ScreenCell(
                    "harness",
                    "\(status.harness), \(status.resetStrategy), "
                        + "\(SummaryText.plural(status.workers, "worker")), seed \(status.seed)"),
            ] + ScreenCell.process(status) + ScreenCell.results(status) + ScreenCell.time(status)
            + ScreenCell.children(status)
        var lines = facts.map { fact in
            let fill = String(repeating: " ", count: ScreenCell.labelWidth - fact.label.count)
            return fact.label + fill + TerminalText.sanitised(fact.value)
        }
        if let ahead = SummaryText.aheadText(status) { lines.append("ahead        " + ahead) }
        if let resets = status.resets {
            lines.append("resets       " + SummaryText.resetText(resets))
        }
        if let replaced = status.replacedRunners {
            lines.append("replaced     " + SummaryText.replacedText(replaced))
        }
        if let artifact = status.lastArtifact {
            lines.append("last         " + TerminalText.sanitised("\(artifact.path): \(artifact.summary)"))
            lines.append("reproduce    " + TerminalText.sanitised(artifact.reproduceCommand))
        }
        return lines
    }
}
