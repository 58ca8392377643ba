import ForkServer
import Storage

/// The last lines of a campaign: what was done, what was found, and how to see it again.
package enum SummaryText {
    /// More artifacts than this are counted instead of listed.
    static let listedArtifacts = 20

    package static func lines(_ summary: CampaignSummary) -> [String] {
        let status = summary.status
        var lines = [
            "",
            "campaign  \(status.name) (\(status.harness), \(status.resetStrategy), "
                + plural(status.workers, "worker") + "): \(summary.reason)",
            "ran       \(HumanFormat.grouped(status.executions)) inputs and "
                + "\(HumanFormat.grouped(status.operations)) operations in "
                + HumanFormat.duration(seconds: status.elapsedSeconds)
                + " (\(HumanFormat.count(status.averageExecutionsPerSecond)) exec/s), seed \(status.seed)",
            "coverage  \(status.edgesCovered) of \(status.edgesTotal) edges, \(status.features) features",
            "corpus    " + plural(status.corpusCount, "input")
                + ", \(HumanFormat.bytes(status.corpusBytes)), in "
                + TerminalText.sanitised(summary.corpusDirectory),
            "overhead  \(HumanFormat.percent(status.overhead)) of the time was not the target's",
        ]
        if status.childrenKilled.total > 0 {
            lines.append("ended     " + KilledText.line(status.childrenKilled))
        }
        if status.machineParentRestarts > 0 {
            lines.append(
                "restarts  the machine was started again \(plural(status.machineParentRestarts, "time"))")
        }
        if let ahead = aheadText(status) { lines.append("ahead     \(ahead)") }
        if let resets = status.resets {
            lines.append("resets    \(resetText(resets))")
        }
        if let replaced = status.replacedRunners {
            lines.append("replaced  \(replacedText(replaced))")
        }
        return lines + artifactLines(summary)
    }

    private static func artifactLines(_ summary: CampaignSummary) -> [String] {
        guard !summary.artifacts.isEmpty else { return ["artifacts none"] }
        let counts = summary.status.artifacts
        let kinds = ArtifactKind.allCases.filter { counts[$0] > 0 }.map { "\(counts[$0]) \($0.rawValue)" }
        var lines = [
            "artifacts " + (kinds.isEmpty ? "\(summary.artifacts.count)" : kinds.joined(separator: ", "))
        ]
        for artifact in summary.artifacts.prefix(listedArtifacts) {
            lines.append("  " + TerminalText.sanitised(artifact.path))
            lines.append("    " + TerminalText.sanitised(artifact.summary))
            lines.append("    " + TerminalText.sanitised(artifact.reproduceCommand))
        }
        let rest = summary.artifacts.count - listedArtifacts
        if rest > 0 { lines.append("  and \(rest) more in the same directory") }
        return lines
    }

    /// `97.1 % of inputs ran in a child that was forked ahead`.
    static func aheadText(_ status: CampaignStatus) -> String? {
        guard let ahead = status.childrenAhead, status.executions > 0 else { return nil }
        return "\(HumanFormat.percent(min(1, Double(ahead) / Double(status.executions)))) of inputs ran in a child that was forked ahead"
    }

    /// `31.2 us each (copy 23.5, threads 3.9, …); 184.1 pages an input, all memory scanned after 0.3 % of inputs`.
    static func resetText(_ resets: ResetCosts) -> String {
        let tenths = { (value: Double) in String((value * 10).rounded() / 10) }
        let parts = [
            ("scan", resets.scanMicroseconds), ("copy", resets.copyMicroseconds), ("protect", resets.protectMicroseconds),
            ("threads", resets.threadMicroseconds), ("other", resets.stateMicroseconds),
        ].map { "\($0.0) \(tenths($0.1))" }
        return "\(tenths(resets.microseconds)) us each (\(parts.joined(separator: ", "))); "
            + "\(tenths(resets.pagesPerInput)) pages an input, "
            + "all memory scanned after \(HumanFormat.percent(resets.scannedShare)) of inputs"
    }

    /// `3 runners, because inputs changed descriptors, signals`.
    static func replacedText(_ replaced: ReplacedRunners) -> String {
        let runners = plural(Int(clamping: replaced.count), "runner")
        let changes = replaced.causes.filter { !ReplacedRunners.otherCauses.contains($0) }
        let reasons =
            (changes.isEmpty ? [] : ["inputs changed \(changes.joined(separator: ", "))"])
            + replaced.causes.filter { ReplacedRunners.otherCauses.contains($0) }
        return reasons.isEmpty ? runners : runners + ", because \(reasons.joined(separator: " and "))"
    }

    static func plural(_ count: Int, _ noun: String) -> String {
        count == 1 ? "1 \(noun)" : "\(HumanFormat.grouped(UInt64(max(0, count)))) \(noun)s"
    }
}

/// Children that did not end by themselves, in words.
enum KilledText {
    /// `12 input timeout, 3 memory`; reasons that did not occur are left out.
    static func line(_ killed: KilledChildren) -> String {
        let reasons: [(Int, String)] = [
            (killed.crashed, "crash"), (killed.inputTimeout, "input timeout"),
            (killed.operationTimeout, "operation timeout"), (killed.memory, "memory"),
            (killed.fileSize, "file size"), (killed.processes, "processes"),
            (killed.exitedEarly, "early exit"), (killed.outputDropped, "output cut"),
        ]
        let present = reasons.filter { $0.0 > 0 }
        guard !present.isEmpty else { return "none" }
        return present.map { "\(HumanFormat.grouped(UInt64($0.0))) \($0.1)" }.joined(separator: ", ")
    }
}
