import Glibc

/// Reads the inputs below one directory, as libFuzzer does: recursively, regular files (also behind a symbolic
/// link), no hidden subdirectories.
struct CorpusReader {
    /// Deeper trees are most likely not a corpus.
    static let maxDepth = 32

    let fileSystem: any FileSystem
    let maxInputBytes: Int
    private(set) var load = CorpusLoad()
    /// Files that were opened, readable or not.
    private(set) var paths: [String] = []
    private var seen: Set<String> = []
    private let knownPaths: Set<String>

    /// Files in `knownPaths` are passed over, and inputs in `knownNames` are duplicates.
    init(
        fileSystem: any FileSystem, maxInputBytes: Int, knownPaths: Set<String> = [], knownNames: Set<String> = []
    ) {
        precondition(maxInputBytes > 0)
        self.fileSystem = fileSystem
        self.maxInputBytes = maxInputBytes
        self.knownPaths = knownPaths
        seen = knownNames
    }

    /// Adds everything below `path`; throws only when `path` itself cannot be listed.
    mutating func read(directory path: String) throws(StorageError) {
        do { try read(directory: path, depth: 0) } catch {
            throw StorageError(step: .listDirectory, path: path, code: error.code)
        }
    }

    private mutating func read(directory path: String, depth: Int) throws(SystemCallError) {
        for entry in try fileSystem.entries(of: path) {
            let child = path.hasSuffix("/") ? path + entry.name : path + "/" + entry.name
            switch entry.kind {
            case .regular, .symbolicLink: readFile(child)
            case .directory where !entry.name.hasPrefix("."): readNested(child, depth: depth + 1)
            case .directory, .other: break
            }
        }
    }

    private mutating func readNested(_ path: String, depth: Int) {
        guard depth <= Self.maxDepth else { return load.warnings.append(.tooDeep(path: path)) }
        do { try read(directory: path, depth: depth) } catch {
            load.warnings.append(warning(path, error.code))
        }
    }

    /// Adds one file.
    mutating func readFile(_ path: String) {
        if knownPaths.contains(path) { return }
        paths.append(path)
        do {
            // O_NONBLOCK: what was a file when it was listed may have become a pipe that nobody writes to.
            let descriptor = try fileSystem.open(path, flags: O_RDONLY | O_NONBLOCK, mode: 0)
            defer { try? fileSystem.close(descriptor) }
            let status = try fileSystem.status(of: descriptor)
            guard status.kind == .regular else { return }
            // A huge file costs no more than the input that is made of it.
            let bytes = try fileSystem.contents(
                of: descriptor, maxBytes: min(status.sizeBytes, maxInputBytes))
            if status.sizeBytes > maxInputBytes {
                load.warnings.append(
                    .truncated(path: path, sizeBytes: status.sizeBytes, limitBytes: maxInputBytes))
            }
            let name = inputName(of: bytes)
            guard seen.insert(name).inserted else { return load.duplicates += 1 }
            load.files.append(CorpusFile(bytes: bytes, name: name, path: path))
        } catch {
            load.warnings.append(warning(path, error.code))
        }
    }

    private func warning(_ path: String, _ code: Int32) -> CorpusWarning {
        code == ENOENT ? .vanished(path: path) : .unreadable(path: path, code: code)
    }
}
