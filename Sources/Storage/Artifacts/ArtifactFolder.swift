import Glibc

/// A directory of artifacts as it is read after a campaign: nothing is created or changed by looking.
///
/// Used by one thread at a time.
package struct ArtifactFolder {
    /// What is wrong with the record beside an artifact.
    package enum RecordProblem: Sendable, Equatable {
        case missing
        /// Truncated, or not a record at all.
        case damaged
    }

    /// An artifact, its input and what the campaign wrote about it.
    package struct Entry: Sendable, Equatable {
        /// File name: `crash-` and the SHA-1.
        package var name: String
        package var path: String
        package var input: [UInt8]
        package var record: ArtifactRecord?
        package var problem: RecordProblem?
        /// Whether the name is the SHA-1 of the bytes; otherwise somebody changed or cut the file.
        package var isWhole: Bool

        package init(
            name: String, path: String, input: [UInt8], record: ArtifactRecord?, problem: RecordProblem?, isWhole: Bool
        ) {
            self.name = name
            self.path = path
            self.input = input
            self.record = record
            self.problem = problem
            self.isWhole = isWhole
        }

        package var kind: ArtifactKind {
            ArtifactKind(rawValue: String(name.prefix { $0 != "-" })) ?? .crash
        }
    }

    /// No input of a campaign is larger.
    private static let maxInputBytes = 1 << 20
    private static let maxNoteBytes = 16 << 20
    private let fileSystem: any FileSystem
    private var directory: AtomicDirectory
    private var isPrepared = false

    package var path: String { directory.path }
    package var statePath: String { directory.statePath }

    package init(path: String, fileSystem: any FileSystem = LinuxFileSystem()) {
        self.fileSystem = fileSystem
        directory = AtomicDirectory(path: path, fileSystem: fileSystem)
    }

    /// The artifacts, by name, and one line for each that cannot be read.
    package func entries() throws(StorageError) -> (entries: [Entry], unreadable: [String]) {
        let listed: [DirectoryEntry]
        do { listed = try fileSystem.entries(of: path) } catch {
            throw StorageError(step: .listDirectory, path: path, code: error.code)
        }
        var entries: [Entry] = []
        var unreadable: [String] = []
        for file in listed where file.kind == .regular && ArtifactStore.isArtifactName(file.name) {
            do throws(SystemCallError) { entries.append(try entry(file.name)) } catch {
                unreadable.append("\(path)/\(file.name): cannot be read: \(describe(errorCode: error.code))")
            }
        }
        return (entries, unreadable)
    }

    private func entry(_ name: String) throws(SystemCallError) -> Entry {
        let input = try fileSystem.contents(of: path + "/" + name, maxBytes: Self.maxInputBytes)
        var record: ArtifactRecord?
        var problem: RecordProblem?
        if let bytes = note(name, suffix: ".json") {
            record = ArtifactRecord(decoding: bytes)
            if record == nil { problem = .damaged }
        } else {
            problem = .missing
        }
        return Entry(
            name: name, path: path + "/" + name, input: input, record: record, problem: problem,
            isWhole: name.hasSuffix("-" + inputName(of: input)))
    }

    /// The contents of a file beside an artifact; `nil` where there is none that can be read.
    package func note(_ name: String, suffix: String) -> [UInt8]? {
        try? fileSystem.contents(of: path + "/" + name + suffix, maxBytes: Self.maxNoteBytes)
    }

    /// Writes a new artifact with its record, and files beside it.
    package mutating func save(_ entry: Entry, notes: [(suffix: String, bytes: [UInt8])]) throws(StorageError) {
        try write(entry.input, beside: entry.name, suffix: "")
        if let record = entry.record { try write(record.encoded(), beside: entry.name, suffix: ".json") }
        for note in notes { try write(note.bytes, beside: entry.name, suffix: note.suffix) }
    }

    /// Writes a file beside an artifact as a whole, replacing one of the same name.
    package mutating func write(_ bytes: [UInt8], beside name: String, suffix: String) throws(StorageError) {
        if !isPrepared { try directory.prepare() }
        isPrepared = true
        try directory.write(bytes, name: name + suffix, durability: .process)
    }
}
