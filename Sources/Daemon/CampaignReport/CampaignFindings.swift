import Dashboard
import Foundation
import Storage

/// Artifacts as the page of a campaign shows them, newest first.
enum CampaignFindings {
    private static let listedFrames = 12

    static func crashes(_ artifacts: [StoredArtifact], directory: String, config: String) -> [CampaignPage.Crash] {
        artifacts.sorted { left, right in
            let times = [left, right].map { $0.record?.firstSeen ?? .distantPast }
            return times[0] == times[1] ? left.name < right.name : times[0] > times[1]
        }.map { artifact in
            guard let record = artifact.record else {
                return CampaignPage.Crash(
                    summary: artifact.name, facts: "no record beside it", stack: [],
                    command: "fuzzd reproduce --config \(config) \(directory)/\(artifact.name)")
            }
            return CampaignPage.Crash(
                summary: summary(record), facts: facts(record, artifact.name),
                stack: record.stack.prefix(listedFrames).map(frame), command: record.reproduce)
        }
    }

    private static func summary(_ record: ArtifactRecord) -> String {
        // A signature names what happened and the innermost frames, `SIGILL:f<g<h`.
        let parts = record.signature.split(separator: ":", maxSplits: 1)
        let happened = record.signalName ?? parts.first.map(String.init) ?? record.kind.rawValue
        guard parts.count > 1, let place = parts[1].split(separator: "<").first, record.kind == .crash || record.kind == .leak
        else { return record.message.map { "\(record.kind.rawValue): \($0)" } ?? record.kind.rawValue }
        return "\(happened) in \(ReadableName.short(String(place)))"
    }

    private static func facts(_ record: ArtifactRecord, _ name: String) -> String {
        var facts = [
            name, HumanFormat.bytes(record.size), "found \(date(record.firstSeen))",
            "after \(HumanFormat.grouped(record.executions)) executions",
            "seen \(record.count == 1 ? "once" : "\(HumanFormat.grouped(record.count)) times")",
            record.verified ? "happened again when it was run again" : "not verified",
        ]
        if let message = record.message, !message.isEmpty { facts.append(message) }
        return facts.joined(separator: " · ")
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
