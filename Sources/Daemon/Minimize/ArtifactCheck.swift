import ForkServer
import Foundation
import Fuzzing
import Storage

/// What can be told of an artifact before it is run: whether it is whole, and whether it belongs to this target.
struct ArtifactCheck {
    let path: String
    let bytes: [UInt8]
    let configuration: CampaignConfiguration

    private var name: String { URL(fileURLWithPath: path).lastPathComponent }

    /// What the campaign wrote down when it found this; `nil` for a file that has only its bytes.
    var record: ArtifactRecord? {
        FileManager.default.contents(atPath: path + ".json").flatMap { ArtifactRecord(decoding: Array($0)) }
    }

    /// What its runner took before it; `nil` where the campaign kept nothing.
    var recentInputs: RecentInputs? {
        FileManager.default.contents(atPath: path + RecentInputs.suffix).flatMap { RecentInputs(decoding: Array($0)) }
    }

    /// - Throws: `CommandFailure` with one line.
    func check() throws {
        let digits = name.drop { $0 != "-" }.dropFirst()
        if ArtifactStore.isArtifactName(name), inputName(of: bytes) != digits {
            throw CommandFailure(
                .corpusUnusable,
                "\(path): its \(bytes.count) bytes are not those that its name was made of: it was cut off or changed; "
                    + "copy it to another name if that is meant")
        }
        guard let record else { return }
        let harness = CampaignSettings.harnessName(configuration)
        guard record.harness == harness else {
            throw CommandFailure(
                .usage,
                "\(path): was found in the harness '\(record.harness)', and \(configuration.file) is for '\(harness)'; "
                    + "give --config \(record.config)")
        }
    }

    /// What to do about an artifact that does not fail on this target.
    var advice: String {
        guard let record, record.config != configuration.file else {
            return "name the config that it was found with, or another artifact"
        }
        return "it was found with --config \(record.config)"
    }
}

extension InputFormat {
    /// What the harness of a config takes: QEMU's generic fuzzers and the generic harness of the built-in machine have operations.
    init(_ configuration: CampaignConfiguration) {
        let harness = CampaignSettings.harnessName(configuration)
        self = harness == "generic" || harness.hasPrefix("generic-fuzz") ? .genericFuzz : .bytes
    }

    /// `57 operations, 812 bytes`, or the bytes alone.
    func size(_ input: [UInt8]) -> String {
        let bytes = "\(input.count) byte\(input.count == 1 ? "" : "s")"
        guard self == .genericFuzz else { return bytes }
        let count = GenericFuzzInput.operationCount(input)
        return "\(count) operation\(count == 1 ? "" : "s"), \(bytes)"
    }
}
