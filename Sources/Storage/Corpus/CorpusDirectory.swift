import Glibc

/// The corpus of a campaign on disk, in libFuzzer's format: one file an input, named by the SHA-1 of its bytes.
///
/// Inputs are loaded from all directories and written to the first only. Owned by the campaign loop; one thread
/// at a time. What cannot be written now (full disk) stays in `pending`, in order, and is written before anything
/// newer as soon as there is room, so a campaign may go on or pause without losing an input.
package final class CorpusDirectory {
    private struct Write {
        var bytes: [UInt8]
        var name: String
        /// Name of the input that this one replaces, removed once this one is on disk.
        var replaced: String?
    }

    /// As the user gave them; the first is the one that is written to.
    package let directories: [String]
    private let fileSystem: any FileSystem
    private var output: AtomicDirectory
    private let policy: CorpusPolicy
    private var backlog: [Write] = []
    /// Inputs that were written since the start and replaced none; those that took the place of another.
    package private(set) var addedCount: UInt64 = 0
    package private(set) var replacedCount: UInt64 = 0
    /// Files that were loaded or written; what else appears is somebody else's.
    private var knownPaths: Set<String> = []
    /// Their inputs, by name: a copy of one is nothing new.
    private var knownNames: Set<String> = []
    /// Files that `newFiles` read for the first time: their writer may not have been done.
    private var unsettledPaths: Set<String> = []

    /// Hidden directory inside the first corpus directory: lock, history and temporary files live there.
    package var statePath: String { output.statePath }
    /// Inputs that wait for room on the disk.
    package var pendingCount: Int { backlog.count }

    /// - Precondition: at least one directory, unless only inputs are kept; without one they stay in memory.
    package init(
        directories: [String], policy: CorpusPolicy = .inputsAndState, fileSystem: any FileSystem = LinuxFileSystem()
    ) {
        precondition(!directories.isEmpty || policy == .inputsOnly)
        self.directories = directories
        self.policy = policy
        self.fileSystem = fileSystem
        output = AtomicDirectory(path: directories.first ?? ".", fileSystem: fileSystem)
    }

    /// Creates the first directory where it is missing and clears what an earlier daemon left half-written.
    package func prepare() throws(StorageError) {
        if policy == .inputsAndState { try output.prepare() }
    }

    /// Loads every directory. A file that cannot be read is a warning; a directory that cannot be is an error.
    ///
    /// - Parameter furtherFiles: files to load besides; unreadable ones are warnings too.
    package func load(maxInputBytes: Int, furtherFiles: [String] = []) throws(StorageError) -> CorpusLoad {
        var reader = CorpusReader(fileSystem: fileSystem, maxInputBytes: maxInputBytes)
        for directory in directories { try reader.read(directory: directory) }
        for file in furtherFiles { reader.readFile(file) }
        knownPaths.formUnion(reader.paths)
        knownNames.formUnion(reader.load.files.map(\.name))
        return reader.load
    }

    /// Inputs that somebody else put into the directories since they were read last; where only inputs are kept, the first
    /// directory's, as in libFuzzer. A directory that cannot be listed now is passed over.
    ///
    /// Each file is read a second time by the next call, as its writer may not have been done at the first.
    package func newFiles(maxInputBytes: Int) -> [CorpusFile] {
        var reader = CorpusReader(
            fileSystem: fileSystem, maxInputBytes: maxInputBytes, knownPaths: knownPaths.subtracting(unsettledPaths),
            knownNames: knownNames)
        for directory in policy == .inputsOnly ? directories.prefix(1) : directories[...] {
            try? reader.read(directory: directory)
        }
        unsettledPaths = Set(reader.paths).subtracting(unsettledPaths)
        knownPaths.formUnion(reader.paths)
        knownNames.formUnion(reader.load.files.map(\.name))
        return reader.load.files
    }

    /// Writes an input to the first directory and returns its name; when this returns, the file is whole whatever
    /// happens next. An error says why it is not there *yet*: the input is kept in `pending`.
    ///
    /// - Parameter replaced: name of the input that this one replaces (shorter, same features). Its file is removed
    ///   from the first directory after the new one is in place; files of other names and directories are not ours.
    @discardableResult
    package func write(_ bytes: [UInt8], replacing replaced: String? = nil) throws(StorageError) -> String {
        let name = inputName(of: bytes)
        backlog.append(Write(bytes: bytes, name: name, replaced: replaced == name ? nil : replaced))
        try writePending()
        return name
    }

    /// Tries again what is pending, oldest first; stops at the first failure.
    package func writePending() throws(StorageError) {
        var done = 0
        defer { backlog.removeFirst(done) }
        for write in backlog {
            try put(write)
            done += 1
            // Two files for one input are untidy, not wrong, so a failure here is no reason to stop: the
            // shorter one wins again at the next load.
            if let replaced = write.replaced, !directories.isEmpty { try? output.remove(name: replaced) }
            if write.replaced == nil { addedCount += 1 } else { replacedCount += 1 }
        }
    }

    /// Where an input of the corpus lies; `nil` where there is no directory.
    package func path(of bytes: [UInt8]) -> String? { path(ofName: inputName(of: bytes)) }

    private func path(ofName name: String) -> String? {
        directories.first.map { $0.hasSuffix("/") ? $0 + name : $0 + "/" + name }
    }

    private func put(_ write: Write) throws(StorageError) {
        guard let path = path(ofName: write.name) else { return }
        knownPaths.insert(path)
        knownNames.insert(write.name)
        switch policy {
        case .inputsAndState: try output.write(write.bytes, name: write.name, durability: .process)
        case .inputsOnly: try TracelessWriter(fileSystem: fileSystem).write(write.bytes, to: path)
        }
    }
}

/// What a campaign leaves in its first corpus directory.
package enum CorpusPolicy: Sendable {
    /// Inputs, and a hidden folder with lock, counters and history.
    case inputsAndState
    /// Inputs and nothing else at any instant, as libFuzzer's users expect.
    case inputsOnly
}
