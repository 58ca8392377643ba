import Glibc

/// What a finished write survives.
package enum Durability: Sendable {
    /// The death of the daemon at any instant. No `fsync`: the kernel has the data.
    case process
    /// A loss of power as well: file and directory are synchronized before the write counts as done.
    case power
}

/// A directory whose files appear whole or not at all.
///
/// A file is written under a temporary name in the hidden subdirectory `.fuzzd` and then renamed into place, so
/// every file that can be seen is complete at any instant. libFuzzer and AFL++ do not descend into hidden
/// directories, so they may share the directory. Used by one thread of the daemon at a time.
package struct AtomicDirectory: Sendable {
    /// Name of the hidden subdirectory that holds everything of ours: temporary files, lock, history.
    package static let stateDirectoryName = ".fuzzd"
    private static let temporaryPrefix = "tmp-"

    package let path: String
    private let fileSystem: any FileSystem
    private var temporaryCount: UInt64 = 0

    /// Path of the hidden subdirectory.
    package var statePath: String { path + "/" + Self.stateDirectoryName }

    /// Names a directory; nothing is touched before `prepare`.
    package init(path: String, fileSystem: any FileSystem) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.fileSystem = fileSystem
    }

    /// Creates the directory (with its parents) and the hidden one where missing, and clears temporary files
    /// that dead processes left. To be called once at start, under the campaign's lock where there is one.
    package func prepare() throws(StorageError) {
        try makeDirectories(path)
        try makeDirectories(statePath)
        let entries: [DirectoryEntry]
        do { entries = try fileSystem.entries(of: statePath) } catch {
            throw StorageError(step: .listDirectory, path: statePath, code: error.code)
        }
        for entry in entries where isAbandoned(entry.name) {
            // A leftover that cannot be removed does no harm, ignoring.
            try? fileSystem.remove(statePath + "/" + entry.name)
        }
    }

    /// Writes a file as a whole, replacing one of the same name.
    ///
    /// Errors name the directory, because that is where room or permission is missing. After an error no file of
    /// this name has changed, and the temporary file is gone unless removing it failed too.
    package mutating func write(
        _ bytes: [UInt8], name: String, durability: Durability
    ) throws(StorageError) {
        temporaryCount += 1
        let temporary = "\(statePath)/\(Self.temporaryPrefix)\(getpid())-\(temporaryCount)"
        do throws(SystemCallError) {
            try writeWhole(bytes, to: temporary, durability: durability)
            do { try fileSystem.rename(temporary, to: path + "/" + name) } catch {
                try? fileSystem.remove(temporary)
                throw error
            }
            if durability == .power { try synchronizeDirectory() }
        } catch {
            throw StorageError(step: .writeFile, path: path, code: error.code, detail: error.call)
        }
    }

    /// Removes a file; one that is gone already is no error.
    package func remove(name: String) throws(StorageError) {
        do { try fileSystem.remove(path + "/" + name) } catch {
            guard error.code != ENOENT else { return }
            throw StorageError(step: .removeFile, path: path + "/" + name, code: error.code)
        }
    }

    private func writeWhole(
        _ bytes: [UInt8], to temporary: String, durability: Durability
    ) throws(SystemCallError) {
        let descriptor = try fileSystem.open(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
        do throws(SystemCallError) {
            var written = 0
            while written < bytes.count {
                let offset = written
                let count = try bytes.withUnsafeBufferPointer { buffer throws(SystemCallError) -> Int in
                    let rest = UnsafeBufferPointer(rebasing: buffer[offset...])
                    return try fileSystem.write(descriptor, from: UnsafeRawBufferPointer(rest))
                }
                // A write of nothing would repeat for ever.
                guard count > 0 else { throw SystemCallError(call: "write", code: ENOSPC) }
                written += count
            }
            if durability == .power { try fileSystem.synchronize(descriptor) }
        } catch {
            try? fileSystem.close(descriptor)
            try? fileSystem.remove(temporary)
            throw error
        }
        do { try fileSystem.close(descriptor) } catch {
            try? fileSystem.remove(temporary)
            throw error
        }
    }

    private func synchronizeDirectory() throws(SystemCallError) {
        let descriptor = try fileSystem.open(path, flags: O_RDONLY | O_DIRECTORY, mode: 0)
        defer { try? fileSystem.close(descriptor) }
        try fileSystem.synchronize(descriptor)
    }

    private func makeDirectories(_ wanted: String) throws(StorageError) {
        do { try fileSystem.makeDirectory(wanted, mode: 0o777) } catch {
            switch error.code {
            case EEXIST:
                // A file in its place is found when it is listed; saying it here gives the better line.
                try checkIsDirectory(wanted)
            case ENOENT:
                guard let slash = wanted.lastIndex(of: "/"), slash != wanted.startIndex else {
                    throw StorageError(step: .createDirectory, path: wanted, code: error.code)
                }
                try makeDirectories(String(wanted[..<slash]))
                do { try fileSystem.makeDirectory(wanted, mode: 0o777) } catch {
                    guard error.code != EEXIST else { return }
                    throw StorageError(step: .createDirectory, path: wanted, code: error.code)
                }
            default: throw StorageError(step: .createDirectory, path: wanted, code: error.code)
            }
        }
    }

    private func checkIsDirectory(_ wanted: String) throws(StorageError) {
        do {
            let descriptor = try fileSystem.open(wanted, flags: O_RDONLY | O_DIRECTORY, mode: 0)
            try? fileSystem.close(descriptor)
        } catch {
            throw StorageError(step: .createDirectory, path: wanted, code: error.code)
        }
    }

    /// A temporary file of a process that is no longer there, or of an earlier process with our number.
    private func isAbandoned(_ name: String) -> Bool {
        guard name.hasPrefix(Self.temporaryPrefix) else { return false }
        let number = name.dropFirst(Self.temporaryPrefix.count).prefix { $0 != "-" }
        guard let owner = Int32(number), owner > 0 else { return true }
        return owner == getpid() || !fileSystem.isAlive(processIdentifier: owner)
    }
}
