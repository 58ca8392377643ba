import Foundation
import Storage

/// Runs `fuzzd crashes` and `fuzzd crashes show`.
package enum CrashesRunner {
    /// Verifies what was not verified yet, groups, and prints. Problems go to standard error, a line each.
    ///
    /// - Parameter version: of fuzzd, for SARIF.
    /// - Returns: how the process ends: 0, or the code of the gravest problem. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: CrashesOptions, version: String) throws -> FuzzdExitCode {
        let isTerminal = isatty(STDERR_FILENO) == 1
        let inventory = try CrashInventory.collect(options) { path in
            if isTerminal { ErrorOutput.print("INFO: running \(path)") }
        }
        for note in inventory.notes { ErrorOutput.print("fuzzd: note: \(note)") }
        for problem in inventory.problems { ErrorOutput.print("fuzzd: \(problem)") }
        if let path = options.sarifPath {
            let root = options.sourceRoot ?? FileManager.default.currentDirectoryPath
            let absolute = URL(fileURLWithPath: root).standardizedFileURL.path
            try write(SarifReport(inventory, sourceRoot: absolute, version: version).text, to: path)
        }
        if let shown = options.shown {
            let (directory, group, artifact) = try find(shown, inventory)
            if options.json {
                print(CrashJSON(inventory, only: group).text)
            } else {
                CrashText.show(group, artifact, configPath: directory.configPath).forEach { print($0) }
            }
        } else if options.json {
            print(CrashJSON(inventory).text)
        } else {
            CrashText.list(inventory).forEach { print($0) }
        }
        return inventory.exitCode
    }

    /// A group by the beginning of its ID, or an artifact by its path, name, or the beginning of its SHA-1.
    private static func find(
        _ wanted: String, _ inventory: CrashInventory
    ) throws -> (CrashInventory.Directory, CrashGroup, TriagedArtifact) {
        let name = wanted.split(separator: "/").last.map(String.init) ?? wanted
        var found: [(CrashInventory.Directory, CrashGroup, TriagedArtifact)] = []
        for (directory, group) in inventory.groups {
            if group.identifier.hasPrefix(wanted) {
                found.append((directory, group, group.smallest))
                continue
            }
            for artifact in group.artifacts {
                let digest = artifact.entry.name.split(separator: "-").last ?? ""
                if artifact.entry.name == name || digest.hasPrefix(wanted) { found.append((directory, group, artifact)) }
            }
        }
        guard let first = found.first else {
            throw CommandFailure(.usage, "'\(wanted)': no crash with this ID or artifact; 'fuzzd crashes' lists them")
        }
        guard found.count == 1 || wanted.utf8.count >= 10 else {
            throw CommandFailure(.usage, "'\(wanted)': \(found.count) crashes begin with this; give more digits")
        }
        return first
    }

    private static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure(.storageFailure, "\(path): cannot be written: \(error.localizedDescription)")
        }
    }
}
