/// libFuzzer's log on standard error: one line an event.
package final class PlainLog: CampaignDisplay {
    private let output: any TerminalOutput
    private var artifactPrefix = "./"

    package init(output: any TerminalOutput) {
        self.output = output
    }

    package func started(_ start: CampaignStart) {
        artifactPrefix = start.artifactPrefix
        write(LibFuzzerLine.header(start))
    }

    package func event(_ event: CampaignDisplayEvent, status: CampaignStatus) {
        switch event {
        case .read(let units): write(["#\(status.executions)\tREAD units: \(units)"])
        case .initialised: write([LibFuzzerLine.stats(word: "INITED", status: status)])
        case .new(let kept): write([LibFuzzerLine.stats(word: "NEW", status: status, kept: kept)])
        case .reduced(let kept): write([LibFuzzerLine.stats(word: "REDUCE", status: status, kept: kept)])
        case .reloaded: write([LibFuzzerLine.stats(word: "RELOAD", status: status)])
        case .pulse: write([LibFuzzerLine.stats(word: "pulse", status: status)])
        case .artifact(let report): write(FindingReport.lines(report, artifactPrefix: artifactPrefix))
        case .slowUnit(let seconds, _, let path):
            write(["Slowest unit: \(seconds) s:"] + (path.map { ["Test unit written to \($0)"] } ?? []))
        case .newCode, .targetOutput, .written: break
        case .restarted(let worker, let reason):
            write(["WARNING: the machine of worker \(worker) was lost and started again: \(reason)"])
        case .paused: write(["INFO: paused"])
        case .resumed: write(["INFO: resumed"])
        case .warning(let text): write(["WARNING: \(text)"])
        case .info(let text): write(["INFO: \(text)"])
        }
    }

    package func tick(_ status: CampaignStatus) {}

    package func finished(_ summary: CampaignSummary) {
        write([
            LibFuzzerLine.stats(word: "DONE", status: summary.status),
            LibFuzzerLine.done(runs: summary.status.executions, seconds: summary.status.elapsedSeconds),
        ])
        write(SummaryText.lines(summary))
    }

    private func write(_ lines: [String]) {
        // Tabs belong to libFuzzer's format; nothing else that could steer a terminal passes.
        let safe = lines.map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false)
                .map { TerminalText.sanitised(String($0)) }.joined(separator: "\t")
        }
        output.write(safe.map { $0 + "\n" }.joined())
    }
}
