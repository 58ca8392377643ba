import Foundation
import Storage

/// A file that a campaign found, checked before anything is done with it.
struct Artifact {
    let path: String
    let input: [UInt8]
    /// What stands beside it; `nil` where somebody moved the file alone.
    let record: ArtifactRecord?

    var name: String { URL(fileURLWithPath: path).lastPathComponent }

    /// Reads the file and its record.
    ///
    /// - Throws: `CommandFailure` for a file that cannot be read, or whose name is that of other bytes.
    init(path: String) throws {
        self.path = path
        input = try ReproduceRunner.read(path)
        record = FileManager.default.contents(atPath: path + ".json").flatMap { ArtifactRecord(decoding: Array($0)) }
        let name = URL(fileURLWithPath: path).lastPathComponent
        if ArtifactStore.isArtifactName(name), !name.hasSuffix(inputName(of: input)) {
            throw CommandFailure(
                .corpusUnusable, "\(path): truncated or changed: the SHA-1 in its name is not that of its \(input.count) bytes")
        }
    }

    /// The configuration that is given, or the one that the record names, if the artifact is one of its target's.
    ///
    /// - Throws: `CommandFailure`.
    func configuration(_ given: String?) throws -> CampaignConfiguration {
        guard let path = given ?? record?.config else {
            throw CommandFailure(.usage, "\(self.path): no record beside it names its campaign; give --config FILE")
        }
        let configuration = try CampaignSettings.loadConfiguration(path)
        let harness = CampaignSettings.harnessName(configuration)
        if let record, record.harness != harness {
            throw CommandFailure(
                .usage, "\(self.path): found by the harness \(record.harness), but \(path) is of \(harness); give its own --config")
        }
        return configuration
    }
}
