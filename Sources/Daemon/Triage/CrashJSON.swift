import Foundation
import Storage

/// What `fuzzd crashes --json` prints: keys in snake case, and only ever added to.
package struct CrashJSON: Codable, Sendable {
    package struct Artifact: Codable, Sendable {
        package var path: String
        package var size: Int
        package var label: String
        package var runs: Int?
        package var same: Int?
        package var verified: Bool
        package var cause: FlakyCause?
        package var config: String?
        package var target: String?
        package var seed: UInt64?
        /// Its own error and functions; those of one group may differ.
        package var errorType: String?
        package var frames: [String]?
    }

    package struct Group: Codable, Sendable {
        package var id: String
        package var kind: ArtifactKind
        package var errorType: String
        package var frames: [String]
        package var label: String
        package var count: UInt64
        package var firstSeen: Date?
        package var lastSeen: Date?
        package var stack: [ArtifactFrame]
        package var report: [String]?
        package var commands: [String: String]
        /// The first is the one to work with: stable before flaky, then the smallest.
        package var artifacts: [Artifact]
    }

    package var format = 1
    package var groups: [Group]
    package var problems: [String]

    package init(_ inventory: CrashInventory, only: CrashGroup? = nil) {
        problems = inventory.problems
        groups = inventory.groups.filter { only == nil || $0.group == only }.map { directory, group in
            let smallest = group.smallest
            let commands = CrashCommands.all(smallest, configPath: directory.configPath).map { ($0.purpose, $0.command) }
            return Group(
                id: group.identifier, kind: group.signature.kind, errorType: group.signature.errorType,
                frames: group.signature.frames, label: group.label, count: group.count, firstSeen: group.firstSeen,
                lastSeen: group.lastSeen, stack: smallest.stack, report: smallest.report,
                commands: Dictionary(commands) { first, _ in first }, artifacts: group.artifacts.map(Self.artifact))
        }
    }

    private static func artifact(_ artifact: TriagedArtifact) -> Artifact {
        let record = artifact.entry.record
        return Artifact(
            path: artifact.entry.path, size: artifact.entry.input.count, label: artifact.label,
            runs: artifact.triage?.tally.runs, same: artifact.triage?.tally.same, verified: artifact.isStable,
            cause: artifact.triage?.cause, config: record?.config, target: record?.target, seed: record?.seed,
            errorType: artifact.signature?.errorType, frames: artifact.signature?.frames)
    }

    package var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        // Plain values: nothing in them can fail to encode.
        do { return String(decoding: try encoder.encode(self), as: UTF8.self) } catch { preconditionFailure("\(error)") }
    }
}
