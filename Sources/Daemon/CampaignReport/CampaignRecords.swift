import Foundation
import Storage

/// What a campaign left on disk, read without changing anything.
struct CampaignRecords {
    var campaign: HistoryCampaign?
    var samples: [HistorySample] = []
    var findings: [HistoryFinding] = []
    /// By name; those without a readable record have none.
    var artifacts: [StoredArtifact] = []
    private static let maximumRecordBytes = 4 << 20

    /// - Parameter corpus: the campaign's first corpus directory, which has its history; `nil`: not asked for.
    /// - Throws: `CommandFailure` where something is there and cannot be read.
    init(name: String, corpus: String?, artifacts directory: String) throws {
        if let corpus { try readHistory(name, corpus + "/\(AtomicDirectory.stateDirectoryName)/history.sqlite") }
        try readArtifacts(directory)
    }

    private mutating func readHistory(_ name: String, _ path: String) throws {
        // Opening would create it.
        guard FileManager.default.fileExists(atPath: path) else { return }
        do throws(StorageError) {
            let history = try History(path: path)
            // A campaign that was renamed, or started with another config, is better than none.
            let campaigns = try history.campaigns()
            guard let found = campaigns.firstIndex(where: { $0.name == name }) ?? campaigns.indices.first else { return }
            campaign = campaigns[found]
            guard let identifier = try history.identifier(ofCampaign: campaigns[found].name) else { return }
            samples = try history.samples(of: identifier)
            findings = try history.findings(of: identifier)
        } catch {
            throw CommandFailure(.storageFailure, error.description)
        }
    }

    private mutating func readArtifacts(_ directory: String) throws {
        let fileSystem = LinuxFileSystem()
        let entries: [DirectoryEntry]
        do throws(SystemCallError) { entries = try fileSystem.entries(of: directory) } catch {
            // No finding yet, no directory yet.
            if error.code == ENOENT { return }
            throw CommandFailure(.corpusUnusable, "\(directory): artifacts cannot be listed: \(describe(errorCode: error.code))")
        }
        artifacts = entries.filter { $0.kind == .regular && ArtifactStore.isArtifactName($0.name) }.map { entry in
            let path = directory + "/" + entry.name + ".json"
            let bytes = try? fileSystem.contents(of: path, maxBytes: Self.maximumRecordBytes)
            return StoredArtifact(name: entry.name, record: bytes.flatMap(ArtifactRecord.init(decoding:)))
        }
    }
}
