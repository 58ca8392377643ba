import Dashboard
import ForkServer
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
        // A signature begins with what happened: `SIGILL:f<g<h`.
        let happened = record.signalName ?? record.signature.split(separator: ":").first.map(String.init)
        let frames = record.stack.map {
            StackFrame(
                modulePath: $0.module, offset: $0.offset, function: $0.symbol, file: $0.file, line: $0.line, column: $0.column,
                isInlined: $0.inlined ?? false)
        }
        // Swift tells the check that failed as a function inlined there.
        let mark = "Swift runtime failure: "
        let reason = frames.compactMap { $0.function }.first { $0.hasPrefix(mark) }.map { ": \($0.dropFirst(mark.count))" } ?? ""
        let own = Machinery.ownFrames(of: frames).filter { frame in
            let function = frame.function.map(ReadableName.withoutSpecialization) ?? ""
            return !function.hasPrefix(mark) && !function.hasPrefix("Swift.")
        }
        guard let place = own.first ?? frames.first else {
            return record.message.map { "\(record.kind.rawValue): \($0)" } ?? happened ?? record.kind.rawValue
        }
        return "\(happened ?? record.kind.rawValue) in \(ReadableName.short(place.place))\(reason)"
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
