import Foundation
import Storage

/// An artifact with what triage knows of it.
package struct TriagedArtifact: Sendable, Equatable {
    package var entry: ArtifactFolder.Entry
    /// `nil` where it could not be run; its signature is that of the campaign's record then.
    package var triage: TriageRecord?

    package init(entry: ArtifactFolder.Entry, triage: TriageRecord?) {
        self.entry = entry
        self.triage = triage
    }

    package var signature: CrashSignature? { triage?.signature ?? entry.record.map(CrashSignature.init) }
    package var label: String { triage?.label ?? "not run" }
    package var isStable: Bool { triage?.tally.isStable ?? false }
    package var stack: [ArtifactFrame] {
        guard let triage, !triage.stack.isEmpty else { return entry.record?.stack ?? [] }
        return triage.stack
    }
    package var report: [String]? { triage?.report ?? entry.record?.report }
}

/// The artifacts of one bug, as far as stacks can tell.
package struct CrashGroup: Sendable, Equatable {
    /// With the functions of the smallest artifact; others may have failed in others.
    package var signature: CrashSignature
    /// The one to work with first: stable before flaky, then the smallest.
    package var artifacts: [TriagedArtifact]
    /// How often campaigns saw it.
    package var count: UInt64
    package var firstSeen: Date?
    package var lastSeen: Date?

    package var identifier: String { signature.identifier }
    package var smallest: TriagedArtifact { artifacts[0] }
    package var label: String { smallest.label }
    /// In how many places and with how many errors artifacts failed.
    package var formCount: Int { Set(artifacts.compactMap(\.signature?.summary)).count }
    /// What happened, by the smallest artifact, and in how many other forms.
    package var title: String {
        signature.title + (formCount > 1 ? " (and \(SummaryText.plural(formCount - 1, "other form")))" : "")
    }

    /// Groups artifacts, newest group first. Artifacts without a signature (no record, and not run) are left out.
    package static func make(_ artifacts: [TriagedArtifact], sightings: [SightingLog.Sighting]) -> [CrashGroup] {
        var members: [CrashSignature: [TriagedArtifact]] = [:]
        for artifact in artifacts {
            guard let signature = artifact.signature else { continue }
            members[signature, default: []].append(artifact)
        }
        return members.map { CrashGroup($0, $1.sorted(by: isBetter), sightings) }.sorted { left, right in
            let (a, b) = (left.firstSeen ?? .distantPast, right.firstSeen ?? .distantPast)
            return a == b ? left.signature.text < right.signature.text : a > b
        }
    }

    private static func isBetter(_ left: TriagedArtifact, _ right: TriagedArtifact) -> Bool {
        if left.isStable != right.isStable { return left.isStable }
        let (a, b) = (left.entry.input.count, right.entry.input.count)
        return a == b ? left.entry.name < right.entry.name : a < b
    }

    private init(_ signature: CrashSignature, _ artifacts: [TriagedArtifact], _ sightings: [SightingLog.Sighting]) {
        self.signature = artifacts.first?.signature ?? signature
        self.artifacts = artifacts
        let records = artifacts.compactMap(\.entry.record)
        let names = Set(records.map(\.signature).filter { !$0.isEmpty })
        let seen = sightings.filter { $0.kind == signature.kind && names.contains($0.signature) }
        let logged = Set(seen.map(\.signature))
        // What no log has was seen once for each artifact: hangs have no signature to count by.
        let unlogged = records.filter { !logged.contains($0.signature) }
        count = seen.reduce(0) { $0 + $1.count } + unlogged.reduce(0) { $0 + $1.count } + UInt64(artifacts.count - records.count)
        firstSeen = (records.map(\.firstSeen) + seen.map(\.firstSeen)).min()
        lastSeen = (records.map(\.firstSeen) + seen.map(\.lastSeen)).max()
    }
}
