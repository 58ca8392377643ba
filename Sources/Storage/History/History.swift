import Foundation
import GRDB

/// The history of campaigns on one corpus: an SQLite database (WAL), so that a curve over days can be drawn and a
/// restart knows where it was.
///
/// Tables: `campaigns`, `samples` (numbers over time), `findings`. Every call is one transaction: after `kill -9` it is
/// there or it is not. Numbers that must not lose even the last execution are in `CounterFile`. Calls block on the
/// disk, so the campaign loop makes them once a second or less; any thread may call.
package final class History: Sendable {
    private let database: DatabaseQueue
    private let path: String

    /// Opens or creates the database.
    package init(path: String) throws(StorageError) {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { database in
                // NORMAL: a commit survives the death of the process; a loss of power costs at most the last ones.
                try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            }
            database = try DatabaseQueue(path: path, configuration: configuration)
            try Self.migrator.migrate(database)
        } catch { throw Self.error(error, path) }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE campaigns (
                        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL,
                        harness TEXT NOT NULL, seed TEXT NOT NULL, started_at REAL NOT NULL);
                    CREATE TABLE samples (
                        campaign INTEGER NOT NULL REFERENCES campaigns (id),
                        elapsed_ms INTEGER NOT NULL, executions INTEGER NOT NULL, operations INTEGER NOT NULL,
                        edges INTEGER NOT NULL, features INTEGER NOT NULL, corpus INTEGER NOT NULL,
                        findings INTEGER NOT NULL, PRIMARY KEY (campaign, elapsed_ms)) WITHOUT ROWID;
                    CREATE TABLE findings (
                        campaign INTEGER NOT NULL REFERENCES campaigns (id),
                        kind TEXT NOT NULL, signature TEXT NOT NULL, artifact TEXT NOT NULL,
                        executions INTEGER NOT NULL, elapsed_ms INTEGER NOT NULL, verified INTEGER NOT NULL,
                        PRIMARY KEY (campaign, artifact)) WITHOUT ROWID;
                    """)
        }
        return migrator
    }

    /// Adds a campaign, or updates the one of this name without touching its first start.
    ///
    /// - Returns: the identifier for the other calls.
    package func open(_ campaign: HistoryCampaign) throws(StorageError) -> Int64 {
        try write { database in
            try database.execute(
                sql: """
                    INSERT INTO campaigns (name, config, harness, seed, started_at) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET config = excluded.config, harness = excluded.harness,
                        seed = excluded.seed
                    """,
                // SQLite's integers are signed; a seed uses all 64 bits.
                arguments: [
                    campaign.name, campaign.config, campaign.harness, String(campaign.seed),
                    campaign.startedAt.timeIntervalSince1970,
                ])
            guard
                let identifier = try Int64.fetchOne(
                    database, sql: "SELECT id FROM campaigns WHERE name = ?", arguments: [campaign.name])
            else { throw DatabaseError(message: "campaign vanished") }
            return identifier
        }
    }

    /// Adds a sample; a second one for the same millisecond replaces the first.
    package func add(_ sample: HistorySample, to campaign: Int64) throws(StorageError) {
        try write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    campaign, Int64(clamping: sample.elapsedMilliseconds), Int64(clamping: sample.executions),
                    Int64(clamping: sample.operations), Int64(clamping: sample.edges),
                    Int64(clamping: sample.features), Int64(clamping: sample.corpus),
                    Int64(clamping: sample.findings),
                ])
        }
    }

    /// Adds a finding, or updates the one of the same artifact (it was verified).
    package func add(_ finding: HistoryFinding, to campaign: Int64) throws(StorageError) {
        try write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    campaign, finding.kind.rawValue, finding.signature, finding.artifact,
                    Int64(clamping: finding.executions), Int64(clamping: finding.elapsedMilliseconds),
                    finding.verified,
                ])
        }
    }

    /// The newest sample, from which a restart continues; `nil` for a new campaign.
    package func lastSample(of campaign: Int64) throws(StorageError) -> HistorySample? {
        try samples(of: campaign, suffix: "ORDER BY elapsed_ms DESC LIMIT 1").first
    }

    /// All samples, oldest first.
    package func samples(of campaign: Int64) throws(StorageError) -> [HistorySample] {
        try samples(of: campaign, suffix: "ORDER BY elapsed_ms")
    }

    /// All findings in the order in which they were found.
    package func findings(of campaign: Int64) throws(StorageError) -> [HistoryFinding] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM findings WHERE campaign = ? ORDER BY executions, artifact",
                arguments: [campaign]
            ).compactMap(HistoryFinding.init(row:))
        }
    }

    /// All campaigns, by name.
    package func campaigns() throws(StorageError) -> [HistoryCampaign] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM campaigns ORDER BY name").map(
                HistoryCampaign.init(row:))
        }
    }

    /// The identifier of a campaign for the other calls; `nil` where there is none of this name.
    package func identifier(ofCampaign name: String) throws(StorageError) -> Int64? {
        try read { database in
            try Int64.fetchOne(database, sql: "SELECT id FROM campaigns WHERE name = ?", arguments: [name])
        }
    }

    private func samples(of campaign: Int64, suffix: String) throws(StorageError) -> [HistorySample] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM samples WHERE campaign = ? " + suffix, arguments: [campaign]
            ).map(HistorySample.init(row:))
        }
    }

    private func write<Value>(_ body: (Database) throws -> Value) throws(StorageError) -> Value {
        do { return try database.write(body) } catch { throw Self.error(error, path) }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws(StorageError) -> Value {
        do { return try database.read(body) } catch { throw Self.error(error, path) }
    }

    private static func error(_ cause: any Error, _ path: String) -> StorageError {
        guard let cause = cause as? DatabaseError else {
            return StorageError(step: .database, path: path, detail: "\(cause)")
        }
        let isFull = cause.resultCode == .SQLITE_FULL
        return StorageError(
            step: .database, path: path, code: isFull ? ENOSPC : nil,
            detail: cause.message ?? "SQLite code \(cause.extendedResultCode.rawValue)")
    }
}

extension HistorySample {
    fileprivate init(row: Row) {
        func number(_ column: String) -> UInt64 { UInt64(clamping: row[column] as Int64) }
        self.init(
            elapsedMilliseconds: number("elapsed_ms"), executions: number("executions"),
            operations: number("operations"), edges: number("edges"), features: number("features"),
            corpus: number("corpus"), findings: number("findings"))
    }
}

extension HistoryFinding {
    fileprivate init?(row: Row) {
        guard let kind = ArtifactKind(rawValue: row["kind"]) else { return nil }
        self.init(
            kind: kind, signature: row["signature"], artifact: row["artifact"],
            executions: UInt64(clamping: row["executions"] as Int64),
            elapsedMilliseconds: UInt64(clamping: row["elapsed_ms"] as Int64), verified: row["verified"])
    }
}

extension HistoryCampaign {
    fileprivate init(row: Row) {
        self.init(
            name: row["name"], config: row["config"], harness: row["harness"],
            seed: UInt64(row["seed"] as String) ?? 0,
            startedAt: Date(timeIntervalSince1970: row["started_at"]))
    }
}
