/// Where a campaign's artifacts go, and under which names. Owned by the campaign loop.
package protocol ArtifactSink: AnyObject {
    /// What stands in front of every artifact's name.
    var prefix: String { get }
    /// The directory, or what messages name in its stead.
    var place: String { get }
    /// Gets ready to write, and returns what an earlier campaign left, by name.
    func prepare() throws(StorageError) -> [StoredArtifact]
    func path(kind: ArtifactKind, input: [UInt8]) -> String
    /// Writes an artifact, with its record where records are kept, and returns its path.
    func save(_ input: [UInt8], record: ArtifactRecord) throws(StorageError) -> String
    /// Artifacts that wait for room on the disk; `writePending` tries again.
    var pendingCount: Int { get }
    func isPending(_ name: String) -> Bool
    func writePending() throws(StorageError)
}

/// Artifacts as libFuzzer writes them: prefix, kind and SHA-1 of the input (`./crash-…`), or one exact path; no records. What
/// cannot be written does not wait: the report has the input.
package final class PlainArtifacts: ArtifactSink {
    package let prefix: String
    private let exactPath: String?
    private let writer: TracelessWriter

    /// - Parameters:
    ///   - prefix: libFuzzer's `-artifact_prefix`: put in front as it is, so a directory ends with a slash.
    ///   - exactPath: libFuzzer's `-exact_artifact_path`: the path of every artifact, the last one stays.
    package init(prefix: String, exactPath: String? = nil, fileSystem: any FileSystem = LinuxFileSystem()) {
        self.prefix = prefix
        self.exactPath = exactPath
        writer = TracelessWriter(fileSystem: fileSystem)
    }

    package var place: String { exactPath ?? TracelessWriter.directory(of: prefix) }
    package var pendingCount: Int { 0 }
    package func isPending(_ name: String) -> Bool { false }
    package func writePending() throws(StorageError) {}

    package func prepare() throws(StorageError) -> [StoredArtifact] { [] }

    package func path(kind: ArtifactKind, input: [UInt8]) -> String { path(word: kind.rawValue, input: input) }

    package func save(_ input: [UInt8], record: ArtifactRecord) throws(StorageError) -> String {
        try write(input, word: record.kind.rawValue)
    }

    /// The path of a file whose name begins with `word`: `slow-unit`, say.
    package func path(word: String, input: [UInt8]) -> String {
        exactPath ?? prefix + word + "-" + inputName(of: input)
    }

    /// Writes a file whose name begins with `word`, and returns its path.
    package func write(_ input: [UInt8], word: String) throws(StorageError) -> String {
        let path = path(word: word, input: input)
        try writer.write(input, to: path, replaces: exactPath != nil)
        return path
    }
}
