import Glibc

/// An artifact on disk.
package struct StoredArtifact: Sendable, Equatable {
    /// File name, for example `crash-` and the SHA-1 of the input.
    package var name: String
    /// `nil` where the daemon died between the artifact and its record, or somebody damaged the record.
    package var record: ArtifactRecord?

    package init(name: String, record: ArtifactRecord? = nil) {
        self.name = name
        self.record = record
    }
}

/// The artifacts of a campaign: `crash-`, `timeout-`, `oom-`, `leak-` and the SHA-1 of the input, each with a `.json`
/// beside it. The artifact is written first, so a record never lacks its input.
///
/// Owned by the campaign loop; one thread at a time. Writes survive a loss of power: they are rare and dear. What cannot
/// be written now (full disk) waits in memory, in order, and is written before anything newer as soon as there is room.
package final class ArtifactStore: ArtifactSink {
    /// Larger than any record that is written here; a larger file is not one.
    private static let maxRecordBytes = 4 << 20

    private struct Write {
        var name: String
        var input: [UInt8]
        var record: ArtifactRecord
    }

    private let fileSystem: any FileSystem
    private var directory: AtomicDirectory
    private var backlog: [Write] = []
    /// What is on disk, by name.
    private var records: [String: ArtifactRecord] = [:]
    /// Artifact names by signature; kinds are part of the key because a timeout's stack may equal a crash's.
    private var nameOfSignature: [String: String] = [:]

    package var path: String { directory.path }
    /// Artifacts that wait for room on the disk.
    package var pendingCount: Int { backlog.count }

    package init(directory path: String, fileSystem: any FileSystem = LinuxFileSystem()) {
        self.fileSystem = fileSystem
        directory = AtomicDirectory(path: path, fileSystem: fileSystem)
    }

    /// Creates the directory where it is missing and loads what is there, so that signatures found before are not new.
    ///
    /// - Returns: the artifacts, by name.
    @discardableResult
    package func prepare() throws(StorageError) -> [StoredArtifact] {
        try directory.prepare()
        let entries: [DirectoryEntry]
        do { entries = try fileSystem.entries(of: path) } catch {
            throw StorageError(step: .listDirectory, path: path, code: error.code)
        }
        var artifacts: [StoredArtifact] = []
        for entry in entries where entry.kind == .regular && Self.isArtifactName(entry.name) {
            let record = readRecord(entry.name)
            if let record { remember(record, entry.name) }
            artifacts.append(StoredArtifact(name: entry.name, record: record))
        }
        return artifacts
    }

    /// The artifact that stands for this signature; `nil` when the finding is new.
    package func artifact(kind: ArtifactKind, signature: String) -> StoredArtifact? {
        guard let name = nameOfSignature[Self.key(kind, signature)] else { return nil }
        return StoredArtifact(name: name, record: records[name])
    }

    /// The file name that an input would have.
    package static func name(kind: ArtifactKind, input: [UInt8]) -> String {
        kind.rawValue + "-" + inputName(of: input)
    }

    package var prefix: String { path + "/" }
    package var place: String { path }

    package func path(kind: ArtifactKind, input: [UInt8]) -> String { path(of: Self.name(kind: kind, input: input)) }

    /// Path of an artifact of this store.
    package func path(of name: String) -> String { path + "/" + name }

    /// Writes artifact and record. When it returns, both are whole, whatever happens next. An error says why they are
    /// not there *yet*: they are kept and written by `writePending`; the artifact may be there before its record.
    /// Saving an input again replaces its record, the one that waits too.
    ///
    /// - Returns: the artifact's path.
    @discardableResult
    package func save(_ input: [UInt8], record: ArtifactRecord) throws(StorageError) -> String {
        let name = Self.name(kind: record.kind, input: input)
        if let waiting = backlog.firstIndex(where: { $0.name == name }) {
            backlog[waiting].record = record
        } else {
            backlog.append(Write(name: name, input: input, record: record))
        }
        try writePending()
        return path(of: name)
    }

    /// Tries again what waits, oldest first; stops at the first failure.
    package func writePending() throws(StorageError) {
        var done = 0
        defer { backlog.removeFirst(done) }
        for write in backlog {
            try directory.write(write.input, name: write.name, durability: .power)
            try update(write.name, record: write.record)
            done += 1
        }
    }

    /// Whether an artifact of this store still waits for room on the disk.
    package func isPending(_ name: String) -> Bool { backlog.contains { $0.name == name } }

    /// Replaces the record of an artifact: it was verified, or was seen again.
    package func update(_ name: String, record: ArtifactRecord) throws(StorageError) {
        try directory.write(record.encoded(), name: name + ".json", durability: .power)
        remember(record, name)
    }

    /// Writes a file beside an artifact as a whole: what triage needs and the record has no room for.
    package func writeNote(_ bytes: [UInt8], beside name: String, suffix: String) throws(StorageError) {
        try directory.write(bytes, name: name + suffix, durability: .process)
    }

    private func remember(_ record: ArtifactRecord, _ name: String) {
        records[name] = record
        guard !record.signature.isEmpty else { return }
        let key = Self.key(record.kind, record.signature)
        if nameOfSignature[key] == nil { nameOfSignature[key] = name }
    }

    private func readRecord(_ name: String) -> ArtifactRecord? {
        guard
            let bytes = try? fileSystem.contents(of: path(of: name + ".json"), maxBytes: Self.maxRecordBytes)
        else { return nil }
        return ArtifactRecord(decoding: bytes)
    }

    private static func key(_ kind: ArtifactKind, _ signature: String) -> String {
        kind.rawValue + ":" + signature
    }

    /// Prefix of a kind and 40 hexadecimal digits.
    package static func isArtifactName(_ name: String) -> Bool {
        guard let dash = name.firstIndex(of: "-"), ArtifactKind(rawValue: String(name[..<dash])) != nil else {
            return false
        }
        let digits = name[name.index(after: dash)...].utf8
        return digits.count == 40
            && digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
