import Dashboard

extension CompareReport {
    /// The report as a single web page.
    package var html: String {
        let inputs = SummaryText.plural(subject.inputCount, "input")
        let rounds = SummaryText.plural(subject.rounds, "round")
        return ComparisonPage(
            title: "Reset strategies on \(subject.campaign)",
            subtitle: "\(subject.harness), \(inputs), \(rounds) a strategy, alternating",
            rows: strategies.map(Self.row), differences: differences.map(Self.difference),
            notes: (orders?.lines ?? []) + CompareTable.notes(self)
        ).html
    }

    private static func row(_ report: StrategyReport) -> ComparisonPage.Row {
        let speed = report.executionsPerSecond
        let total = max(1, report.perInput.totalNanoseconds)
        return ComparisonPage.Row(
            name: report.strategy.rawValue,
            speed: ComparisonPage.Bar(
                median: speed.median, minimum: speed.minimum, maximum: speed.maximum,
                label: HumanFormat.count(speed.median)),
            operationsLabel: HumanFormat.count(report.operationsPerSecond.median),
            ratioLabel: report.ratioToFork.map { HumanFormat.fixed($0, decimals: 2) } ?? "-",
            phases: report.perInput.phases.map { phase in
                let time = HumanFormat.nanoseconds(phase.nanoseconds)
                let share = HumanFormat.percent(phase.nanoseconds / total)
                return ComparisonPage.Phase(
                    name: phase.name, nanoseconds: phase.nanoseconds, label: "\(time), \(share)")
            })
    }

    private static func difference(_ difference: InputDifference) -> ComparisonPage.Difference {
        let isSame = difference.outcomeUnderFork == difference.outcomeUnderOther
        return ComparisonPage.Difference(
            strategy: difference.strategy.rawValue, fileName: difference.fileName,
            edgesOnlyInFork: difference.edgesOnlyInFork, edgesOnlyInOther: difference.edgesOnlyInOther,
            outcome: isSame
                ? difference.outcomeUnderFork
                : "\(difference.outcomeUnderFork) → \(difference.outcomeUnderOther)")
    }
}
