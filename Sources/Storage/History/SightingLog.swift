import Foundation
import GRDB

/// How often each failure was seen, and when first and last: an SQLite database in the hidden folder of an artifact
/// directory, over all campaigns that ever wrote there.
///
/// Keyed by `ArtifactRecord.signature` and kind. Each call is one transaction, and campaigns add what they counted since the last
/// one, so `kill -9` costs at most the last second's sightings and never the sum. Any thread may call; calls block on the disk.
package final class SightingLog: Sendable {
    package struct Sighting: Sendable, Equatable, Codable {
        package var kind: ArtifactKind
        package var signature: String
        package var count: UInt64
        package var firstSeen: Date
        package var lastSeen: Date

        package init(kind: ArtifactKind, signature: String, count: UInt64, firstSeen: Date, lastSeen: Date) {
            self.kind = kind
            self.signature = signature
            self.count = count
            self.firstSeen = firstSeen
            self.lastSeen = lastSeen
        }
    }

    private static let fileName = "sightings.sqlite"
    private let database: DatabaseQueue
    private let path: String

    /// Opens or creates the database.
    ///
    /// - Parameter stateDirectory: the hidden folder of an artifact directory; it exists.
    package init(stateDirectory: String) throws(StorageError) {
        path = stateDirectory + "/" + Self.fileName
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            }
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.write { database in
                try database.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS sightings (
                            kind TEXT NOT NULL, signature TEXT NOT NULL, count INTEGER NOT NULL,
                            first_seen REAL NOT NULL, last_seen REAL NOT NULL,
                            PRIMARY KEY (kind, signature)) WITHOUT ROWID
                        """)
            }
        } catch { throw Self.error(error, path) }
    }

    /// What is in an artifact directory's log; nothing where there is none. Changes nothing.
    package static func read(stateDirectory: String) throws(StorageError) -> [Sighting] {
        let path = stateDirectory + "/" + fileName
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            return try DatabaseQueue(path: path, configuration: configuration).read { database in
                try Row.fetchAll(database, sql: "SELECT * FROM sightings ORDER BY kind, signature").compactMap(Sighting.init)
            }
        } catch { throw Self.error(error, path) }
    }

    /// Adds sightings to what is there: counts are summed, the first and last times widened.
    package func add(_ sightings: [Sighting]) throws(StorageError) {
        guard !sightings.isEmpty else { return }
        do {
            try database.write { database in
                for sighting in sightings {
                    try database.execute(
                        sql: """
                            INSERT INTO sightings VALUES (?, ?, ?, ?, ?)
                            ON CONFLICT (kind, signature) DO UPDATE SET count = count + excluded.count,
                                first_seen = min(first_seen, excluded.first_seen),
                                last_seen = max(last_seen, excluded.last_seen)
                            """,
                        arguments: [
                            sighting.kind.rawValue, sighting.signature, Int64(clamping: sighting.count),
                            sighting.firstSeen.timeIntervalSince1970, sighting.lastSeen.timeIntervalSince1970,
                        ])
                }
            }
        } catch { throw Self.error(error, path) }
    }

    private static func error(_ cause: any Error, _ path: String) -> StorageError {
        let cause = cause as? DatabaseError
        return StorageError(
            step: .database, path: path, code: cause?.resultCode == .SQLITE_FULL ? ENOSPC : nil,
            detail: cause?.message ?? "not a database of fuzzd; move it away to count anew")
    }
}

extension SightingLog.Sighting {
    fileprivate init?(row: Row) {
        guard let kind = ArtifactKind(rawValue: row["kind"]) else { return nil }
        self.init(
            kind: kind, signature: row["signature"], count: UInt64(clamping: row["count"] as Int64),
            firstSeen: Date(timeIntervalSince1970: row["first_seen"]), lastSeen: Date(timeIntervalSince1970: row["last_seen"]))
    }
}
