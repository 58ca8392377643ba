import Foundation
import Storage

/// What a campaign left on disk, read without changing anything.
struct CampaignRecords {
    var campaign: HistoryCampaign?
    var samples: [HistorySample] = []
    var findings: [HistoryFinding] = []

    /// - Parameter corpus: the campaign's first corpus directory, which has its history; `nil`: not asked for.
    /// - Throws: `CommandFailure` where something is there and cannot be read.
    init(name: String, corpus: String?) throws {
        if let corpus { try readHistory(name, corpus + "/\(AtomicDirectory.stateDirectoryName)/history.sqlite") }
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
}
