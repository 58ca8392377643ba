import Foundation
import ForkServer
import Storage

/// All artifacts that a command is about, triaged and grouped, and what was wrong with some of them.
///
/// Collected once by one thread; a value afterwards.
package struct CrashInventory: Sendable {
    package struct Directory: Sendable {
        package var path: String
        package var groups: [CrashGroup]
        /// Config to name in commands, where it is known.
        package var configPath: String?

        package init(path: String, groups: [CrashGroup], configPath: String?) {
            self.path = path
            self.groups = groups
            self.configPath = configPath
        }
    }

    package var directories: [Directory] = []
    /// One line each, for standard error.
    package var problems: [String] = []
    package var notes: [String] = []
    /// The gravest of what went wrong.
    package var exitCode = FuzzdExitCode.success

    package init() {}

    /// - Parameter progress: told before each artifact that is run.
    package static func collect(_ options: CrashesOptions, progress: (String) -> Void = { _ in }) throws -> CrashInventory {
        var inventory = CrashInventory()
        for path in try directories(options) {
            try inventory.add(path, options, progress)
        }
        return inventory
    }

    /// The groups of all directories, newest first.
    package var groups: [(directory: Directory, group: CrashGroup)] {
        directories.flatMap { directory in directory.groups.map { (directory, $0) } }.sorted { left, right in
            let (a, b) = (left.group.firstSeen ?? .distantPast, right.group.firstSeen ?? .distantPast)
            return a == b ? left.group.signature.text < right.group.signature.text : a > b
        }
    }

    private static func directories(_ options: CrashesOptions) throws -> [String] {
        if let path = options.artifactDirectory {
            guard isDirectory(path) else {
                throw CommandFailure(.corpusUnusable, "\(path): no directory; name one with artifacts")
            }
            return [path]
        }
        if let config = options.configPath {
            let path = try CampaignSettings.loadConfiguration(config).artifacts
            return isDirectory(path) ? [path] : []
        }
        // What campaigns use that say nothing else.
        let usual = "artifacts"
        guard isDirectory(usual) else {
            throw CommandFailure(
                .corpusUnusable, "./artifacts: no such directory; name a campaign with --config or a directory with --artifacts")
        }
        let below = ((try? FileManager.default.contentsOfDirectory(atPath: usual)) ?? []).sorted()
        return [usual] + below.filter { !$0.hasPrefix(".") }.map { usual + "/" + $0 }.filter(isDirectory)
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    private mutating func add(_ path: String, _ options: CrashesOptions, _ progress: (String) -> Void) throws {
        var folder = ArtifactFolder(path: path)
        let (entries, unreadable) = try asCommandFailure { try folder.entries() }
        for line in unreadable { complain(line, .corpusUnusable) }
        guard !entries.isEmpty else { return }
        entries.forEach { complain(about: $0) }
        var artifacts: [TriagedArtifact] = []
        var bench = TriageBench(
            configPath: options.configPath, isAgain: options.again, longestInputBytes: entries.map(\.input.count).max() ?? 1)
        for entry in entries {
            do {
                let triage = try bench.triage(entry, &folder, progress)
                artifacts.append(TriagedArtifact(entry: entry, triage: triage))
                if let smaller = bench.smaller(than: artifacts[artifacts.count - 1], &folder, progress) { artifacts.append(smaller) }
            } catch let failure as CommandFailure {
                complain(failure.message, failure.exitCode)
                // What the campaign wrote about it is listed all the same; of somebody else's artifact nothing is.
                if failure.exitCode != .corpusUnusable { artifacts.append(TriagedArtifact(entry: entry, triage: nil)) }
            }
        }
        notes += bench.notes.filter { !notes.contains($0) }
        var sightings: [SightingLog.Sighting] = []
        do { sightings = try SightingLog.read(stateDirectory: folder.statePath) } catch { complain("\(error)", .storageFailure) }
        directories.append(
            Directory(
                path: path, groups: CrashGroup.make(artifacts, sightings: sightings),
                configPath: options.configPath ?? entries.lazy.compactMap(\.record?.config).first))
    }

    private mutating func complain(about entry: ArtifactFolder.Entry) {
        switch entry.problem {
        case .damaged:
            complain(
                "\(entry.path).json: truncated or no record of fuzzd; left as it is, the artifact is told by its runs alone",
                .corpusUnusable)
        case .missing: notes.append("\(entry.path): has no .json beside it; told by its runs alone")
        case nil: break
        }
        if !entry.isWhole {
            complain(
                "\(entry.path): its bytes are not those that it is named after: cut or changed since it was saved", .corpusUnusable)
        }
    }

    private mutating func complain(_ line: String, _ code: FuzzdExitCode) {
        if !problems.contains(line) { problems.append(line) }
        if exitCode == .success || code == .targetUnusable { exitCode = code }
    }
}
