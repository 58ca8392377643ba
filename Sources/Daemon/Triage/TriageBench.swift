import Foundation
import ForkServer
import Storage

/// The targets that the artifacts of one directory are run on: that of `--config`, or those that their records name.
///
/// Owned by one thread.
struct TriageBench {
    let configPath: String?
    let isAgain: Bool
    let longestInputBytes: Int
    private(set) var notes: [String] = []
    private var targets: [String: Result<(target: TargetConfiguration, triage: Triage, harness: String), CommandFailure>] = [:]

    init(configPath: String?, isAgain: Bool, longestInputBytes: Int) {
        self.configPath = configPath
        self.isAgain = isAgain
        self.longestInputBytes = longestInputBytes
    }

    /// What is known of an artifact, or is found out now and written beside it. Throws `CommandFailure`: `corpusUnusable` where
    /// the artifact is another target's.
    mutating func triage(
        _ entry: ArtifactFolder.Entry, _ folder: inout ArtifactFolder, _ progress: (String) -> Void
    ) throws -> TriageRecord {
        guard let config = configPath ?? entry.record?.config else {
            throw CommandFailure(.usage, "\(entry.path): nothing says which campaign found it; name that with --config")
        }
        let bench = try target(config).get()
        if let found = TargetIdentity.mismatch(entry.record, bench.target, harness: bench.harness) {
            throw CommandFailure(.corpusUnusable, "\(entry.path): \(found); left out")
        }
        if !isAgain, let known = bench.triage.known(entry, in: folder) { return known }
        noteSymbolizer()
        progress(entry.path)
        let recent = folder.note(entry.name, suffix: RecentInputs.suffix).flatMap(RecentInputs.init(decoding:))
        let record: TriageRecord
        do { record = try bench.triage.examine(entry, recent: recent) } catch let failure as CommandFailure {
            // Starting may take a minute to fail: once is enough.
            if !bench.triage.hasStarted { targets[config] = .failure(failure) }
            throw failure
        }
        do {
            try folder.write(record.encoded(), beside: entry.name, suffix: TriageRecord.suffix)
            for (index, input) in (record.cause?.inputs ?? []).enumerated() {
                try folder.write(Array(input), beside: entry.name, suffix: ".before-\(index + 1)")
            }
        } catch { notes.append("\(error); the runs are made again next time") }
        return record
    }

    /// The smaller input that a campaign kept for an artifact's failure, made an artifact of its own, if ten runs show
    /// that it is the same; `nil` otherwise.
    mutating func smaller(
        than artifact: TriagedArtifact, _ folder: inout ArtifactFolder, _ progress: (String) -> Void
    ) -> TriagedArtifact? {
        guard let record = artifact.entry.record, let known = artifact.triage, !record.signature.isEmpty,
            let input = SmallerInputs(artifactDirectory: folder.path).input(kind: record.kind, signature: record.signature),
            input.count < artifact.entry.input.count,
            let bench = try? target(configPath ?? record.config).get()
        else { return nil }
        let name = ArtifactStore.name(kind: record.kind, input: input)
        let path = folder.path + "/" + name
        guard folder.note(name, suffix: "") == nil else { return nil }
        progress(path)
        var smaller = record
        smaller.size = input.count
        smaller.reproduce = Campaign.reproduceCommand(config: record.config, artifact: path)
        // Its sightings are counted with those of the first one.
        smaller.count = 0
        let entry = ArtifactFolder.Entry(name: name, path: path, input: input, record: smaller, problem: nil, isWhole: true)
        guard let triage = try? bench.triage.examine(entry, recent: nil), triage.tally.isStable,
            triage.signature == known.signature,
            (try? folder.save(entry, notes: [(TriageRecord.suffix, triage.encoded())])) != nil
        else { return nil }
        return TriagedArtifact(entry: entry, triage: triage)
    }

    private mutating func target(
        _ config: String
    ) -> Result<(target: TargetConfiguration, triage: Triage, harness: String), CommandFailure> {
        if let known = targets[config] { return known }
        let result: Result<(target: TargetConfiguration, triage: Triage, harness: String), CommandFailure>
        do {
            let configuration = try CampaignSettings.loadConfiguration(config)
            let target = try CampaignSettings.targetConfiguration(configuration)
            let triage = Triage(target: target, longestInputBytes: longestInputBytes)
            result = .success((target, triage, CampaignSettings.harnessName(configuration)))
        } catch let failure as CommandFailure { result = .failure(failure) } catch {
            result = .failure(CommandFailure(.failure, "\(config): \(error)"))
        }
        targets[config] = result
        return result
    }

    private mutating func noteSymbolizer() {
        guard SymbolizerLocator.find(environment: ProcessInfo.processInfo.environment) == nil else { return }
        let line =
            "no llvm-symbolizer: stacks have no files, lines and inlined functions, and bugs in one function may be grouped "
            + "together; install llvm or set FUZZD_SYMBOLIZER"
        if !notes.contains(line) { notes.append(line) }
    }
}

/// Whether an artifact was found with the target that a config describes.
package enum TargetIdentity {
    /// Program and arguments on one line: what an artifact's record keeps. The directory may be another on another host.
    package static func line(_ target: TargetConfiguration) -> String {
        let program = target.program.split(separator: "/").last.map(String.init) ?? target.program
        return ([program] + target.arguments).joined(separator: " ")
    }

    /// What differs, in words; `nil` where it is the same target, or nothing is known.
    package static func mismatch(_ record: ArtifactRecord?, _ target: TargetConfiguration, harness: String) -> String? {
        guard let record else { return nil }
        let present = line(target)
        if let recorded = record.target {
            return recorded == present
                ? nil : "found by \(record.config) on '\(recorded)', and this config runs '\(present)'"
        }
        // Records of earlier versions have the harness only.
        return record.harness == harness
            ? nil : "found by \(record.config) with harness \(record.harness), and this config runs \(harness)"
    }
}
