import Dashboard
import ForkServer
import Foundation
import Storage

/// Groups of artifacts as the page of a campaign shows them, in the order of `fuzzd crashes`.
enum CampaignFindings {
    private static let listedFrames = 12
    /// A sanitizer's report is shown whole: three stacks as deep as they get, and what lies around the address.
    private static let listedReportLines = 1000

    static func crashes(_ inventory: CrashInventory) -> [CampaignPage.Crash] {
        inventory.groups.map { crash($0.group, configPath: $0.directory.configPath) }
    }

    private static func crash(_ group: CrashGroup, configPath: String?) -> CampaignPage.Crash {
        let smallest = group.smallest
        var report = smallest.report ?? []
        if report.count > listedReportLines {
            let rest = report.count - listedReportLines
            report = report.prefix(listedReportLines) + ["… and \(rest) lines more: fuzzd crashes show \(group.identifier)"]
        }
        return CampaignPage.Crash(
            identifier: group.identifier, summary: ReadableName.short(group.title), label: group.label,
            isStable: smallest.isStable, count: SummaryText.plural(Int(clamping: group.count), "time"), facts: facts(group),
            stack: smallest.stack.prefix(listedFrames).map(frame), report: report,
            commands: CrashCommands.all(smallest, configPath: configPath), artifacts: group.artifacts.map(artifact))
    }

    private static func facts(_ group: CrashGroup) -> [String] {
        let smallest = group.smallest
        var seen = ["\(group.identifier) · " + CrashText.label(smallest)]
        if let first = group.firstSeen, let last = group.lastSeen { seen.append("first seen \(date(first)), last \(date(last))") }
        var facts = [seen.joined(separator: " · "), "smallest input: " + artifact(smallest)]
        if let cause = smallest.triage?.cause { facts.append("\(cause.kind.rawValue): \(cause.explanation)") }
        if let message = smallest.entry.record?.message, !message.isEmpty { facts.append(message) }
        return facts
    }

    private static func artifact(_ artifact: TriagedArtifact) -> String {
        "\(artifact.entry.path), \(SummaryText.plural(artifact.entry.input.count, "byte")), \(artifact.label)"
    }

    private static func frame(_ frame: ArtifactFrame) -> String {
        let module = frame.module.split(separator: "/").last ?? "?"
        let name = frame.symbol.map(ReadableName.short) ?? "\(module)+0x\(String(frame.offset, radix: 16))"
        guard let file = frame.file else { return name }
        return "\(name)  \(file)" + (frame.line.map { ":\($0)" } ?? "")
    }

    /// In UTC, the same in every place.
    static func date(_ date: Date) -> String {
        let text = date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: false))
        return text.replacing("T", with: " ").replacing("Z", with: "") + " UTC"
    }
}
