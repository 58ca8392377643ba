import Glibc

/// Writes files that appear whole, without anything beside them at any instant: for directories that are not ours to put
/// a hidden folder into.
///
/// The file has no name (`O_TMPFILE`) until its bytes are there. Where the file system knows no such files it is written in
/// place, as libFuzzer does. Has no state; used by one thread at a time.
package struct TracelessWriter: Sendable {
    /// `O_TMPFILE` of Linux' fcntl.h, which Swift does not import.
    private static let unnamed = 0o20_000_000 | O_DIRECTORY
    private let fileSystem: any FileSystem

    package init(fileSystem: any FileSystem = LinuxFileSystem()) {
        self.fileSystem = fileSystem
    }

    /// Writes a file as a whole.
    ///
    /// - Parameter replaces: whether a file of this name gives way; otherwise it stays and that is no error, because names
    ///   of inputs are made of their bytes.
    /// - Throws: `StorageError` that names the directory, because that is where room or permission is missing.
    package func write(_ bytes: [UInt8], to path: String, replaces: Bool = false) throws(StorageError) {
        do throws(SystemCallError) {
            let descriptor: Int32
            do { descriptor = try fileSystem.open(Self.directory(of: path), flags: O_WRONLY | Self.unnamed, mode: 0o644) } catch {
                guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(error.code) else { throw error }
                return try writeInPlace(bytes, path)
            }
            defer { try? fileSystem.close(descriptor) }
            try write(bytes, descriptor)
            try name(descriptor, path, replaces: replaces)
        } catch {
            throw StorageError(step: .writeFile, path: Self.directory(of: path), code: error.code, detail: error.call)
        }
    }

    /// `.` for a bare name; a path's part up to its last slash.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func name(_ descriptor: Int32, _ path: String, replaces: Bool) throws(SystemCallError) {
        do { try fileSystem.link(descriptor, to: path) } catch {
            guard error.code == EEXIST else { throw error }
            guard replaces else { return }
            let other = path + ".\(getpid()).new"
            try fileSystem.link(descriptor, to: other)
            do { try fileSystem.rename(other, to: path) } catch {
                try? fileSystem.remove(other)
                throw error
            }
        }
    }

    private func writeInPlace(_ bytes: [UInt8], _ path: String) throws(SystemCallError) {
        let descriptor = try fileSystem.open(path, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        defer { try? fileSystem.close(descriptor) }
        try write(bytes, descriptor)
    }

    private func write(_ bytes: [UInt8], _ descriptor: Int32) throws(SystemCallError) {
        var written = 0
        while written < bytes.count {
            let offset = written
            let count = try bytes.withUnsafeBufferPointer { buffer throws(SystemCallError) -> Int in
                try fileSystem.write(descriptor, from: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[offset...])))
            }
            // A write of nothing would repeat for ever.
            guard count > 0 else { throw SystemCallError(call: "write", code: ENOSPC) }
            written += count
        }
    }
}
