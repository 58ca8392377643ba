import Foundation

/// The campaign's numbers at one moment, over all starts of the daemon.
package struct HistorySample: Sendable, Equatable, Codable {
    /// Time that the campaign has run, over all starts, in milliseconds.
    package var elapsedMilliseconds: UInt64
    package var executions: UInt64
    package var operations: UInt64
    package var edges: UInt64
    package var features: UInt64
    package var corpus: UInt64
    package var findings: UInt64

    package init(
        elapsedMilliseconds: UInt64, executions: UInt64, operations: UInt64, edges: UInt64, features: UInt64,
        corpus: UInt64, findings: UInt64
    ) {
        self.elapsedMilliseconds = elapsedMilliseconds
        self.executions = executions
        self.operations = operations
        self.edges = edges
        self.features = features
        self.corpus = corpus
        self.findings = findings
    }
}

/// One unique finding, as the history keeps it.
package struct HistoryFinding: Sendable, Equatable, Codable {
    package var kind: ArtifactKind
    /// See `ArtifactRecord.signature`.
    package var signature: String
    /// File name in the artifact directory.
    package var artifact: String
    /// Executions of the campaign when it was first seen.
    package var executions: UInt64
    package var elapsedMilliseconds: UInt64
    package var verified: Bool

    package init(
        kind: ArtifactKind, signature: String, artifact: String, executions: UInt64,
        elapsedMilliseconds: UInt64, verified: Bool
    ) {
        self.kind = kind
        self.signature = signature
        self.artifact = artifact
        self.executions = executions
        self.elapsedMilliseconds = elapsedMilliseconds
        self.verified = verified
    }
}

/// What describes a campaign in the history.
package struct HistoryCampaign: Sendable, Equatable, Codable {
    /// Unique in one history.
    package var name: String
    /// Path of the configuration file.
    package var config: String
    package var harness: String
    package var seed: UInt64
    /// First start.
    package var startedAt: Date

    package init(name: String, config: String, harness: String, seed: UInt64, startedAt: Date) {
        self.name = name
        self.config = config
        self.harness = harness
        self.seed = seed
        self.startedAt = startedAt
    }
}
