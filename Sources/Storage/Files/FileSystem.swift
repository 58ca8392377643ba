/// A system call that failed. The seam's only error; `StorageError` adds the meaning.
package struct SystemCallError: Error, Sendable, Equatable {
    /// Name of the call, for example `rename`.
    package var call: String
    /// Error number (`errno`).
    package var code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }
}

/// What a directory entry or an open file is, as far as storage needs to know.
package enum FileKind: Sendable, Equatable {
    case regular
    case directory
    case symbolicLink
    case other
}

/// Kind and size of a file.
package struct FileStatus: Sendable, Equatable {
    package var kind: FileKind
    package var sizeBytes: Int

    package init(kind: FileKind, sizeBytes: Int) {
        self.kind = kind
        self.sizeBytes = sizeBytes
    }
}

/// One name in a directory.
package struct DirectoryEntry: Sendable, Equatable {
    package var name: String
    package var kind: FileKind

    package init(name: String, kind: FileKind) {
        self.name = name
        self.kind = kind
    }
}

/// The system calls that storage uses, and nothing above them.
///
/// The seam where tests put faults: an implementation may fail any call with any error number, write less
/// than it was asked to, or report a full disk. `LinuxFileSystem` is the real one. Implementations retry
/// `EINTR` themselves. Descriptors are closed by the caller that opened them.
package protocol FileSystem: Sendable {
    /// `open(2)`; `flags` as there, `O_CLOEXEC` is added.
    func open(_ path: String, flags: Int32, mode: UInt32) throws(SystemCallError) -> Int32
    /// `read(2)`: the bytes read, 0 at the end.
    func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int
    /// `write(2)`: the bytes written, possibly fewer than given.
    func write(_ descriptor: Int32, from buffer: UnsafeRawBufferPointer) throws(SystemCallError) -> Int
    /// `fsync(2)`.
    func synchronize(_ descriptor: Int32) throws(SystemCallError)
    /// `close(2)`. An error here may mean that the data did not reach the file.
    func close(_ descriptor: Int32) throws(SystemCallError)
    /// `fstat(2)`.
    func status(of descriptor: Int32) throws(SystemCallError) -> FileStatus
    /// `rename(2)`.
    func rename(_ source: String, to destination: String) throws(SystemCallError)
    /// `linkat(2)`: gives an open file without a name (`O_TMPFILE`) its first one. `EEXIST` where the name is taken.
    func link(_ descriptor: Int32, to path: String) throws(SystemCallError)
    /// `unlink(2)`.
    func remove(_ path: String) throws(SystemCallError)
    /// `mkdir(2)`.
    func makeDirectory(_ path: String, mode: UInt32) throws(SystemCallError)
    /// The names in a directory without `.` and `..`, sorted by their bytes.
    func entries(of path: String) throws(SystemCallError) -> [DirectoryEntry]
    /// `kill(2)` with signal 0: whether the process is there, whoever owns it.
    func isAlive(processIdentifier: Int32) -> Bool
}
