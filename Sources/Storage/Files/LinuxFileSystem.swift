import Glibc

/// The real file system, through Glibc. Has no state; any thread may use it.
package struct LinuxFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, flags: Int32, mode: UInt32) throws(SystemCallError) -> Int32 {
        try check("open") { Glibc.open(path, flags | O_CLOEXEC, mode) }
    }

    package func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemCallError) -> Int {
        try check("read") { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
    }

    package func write(
        _ descriptor: Int32, from buffer: UnsafeRawBufferPointer
    ) throws(SystemCallError) -> Int {
        try check("write") { Glibc.write(descriptor, buffer.baseAddress, buffer.count) }
    }

    package func synchronize(_ descriptor: Int32) throws(SystemCallError) {
        _ = try check("fsync") { fsync(descriptor) }
    }

    package func close(_ descriptor: Int32) throws(SystemCallError) {
        // Linux has released the number even when close reports EINTR: a second try would close a stranger's.
        guard Glibc.close(descriptor) != 0, errno != EINTR else { return }
        throw SystemCallError(call: "close", code: errno)
    }

    package func status(of descriptor: Int32) throws(SystemCallError) -> FileStatus {
        var status = stat()
        _ = try check("fstat") { fstat(descriptor, &status) }
        return FileStatus(kind: FileKind(mode: status.st_mode), sizeBytes: Int(status.st_size))
    }

    package func rename(_ source: String, to destination: String) throws(SystemCallError) {
        _ = try check("rename") { Glibc.rename(source, destination) }
    }

    package func link(_ descriptor: Int32, to path: String) throws(SystemCallError) {
        _ = try check("linkat") { linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) }
    }

    package func remove(_ path: String) throws(SystemCallError) {
        _ = try check("unlink") { unlink(path) }
    }

    package func makeDirectory(_ path: String, mode: UInt32) throws(SystemCallError) {
        _ = try check("mkdir") { mkdir(path, mode) }
    }

    package func entries(of path: String) throws(SystemCallError) -> [DirectoryEntry] {
        guard let directory = opendir(path) else { throw SystemCallError(call: "opendir", code: errno) }
        defer { closedir(directory) }
        var found: [DirectoryEntry] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw SystemCallError(call: "readdir", code: errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            found.append(DirectoryEntry(name: name, kind: kind(of: entry.pointee.d_type, path + "/" + name)))
        }
        return found.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
    }

    package func isAlive(processIdentifier: Int32) -> Bool {
        kill(processIdentifier, 0) == 0 || errno == EPERM
    }

    /// Some file systems leave the kind open; then `lstat` knows.
    private func kind(of type: UInt8, _ path: String) -> FileKind {
        switch Int(type) {
        case Int(DT_REG): return .regular
        case Int(DT_DIR): return .directory
        case Int(DT_LNK): return .symbolicLink
        case Int(DT_UNKNOWN):
            var status = stat()
            return lstat(path, &status) == 0 ? FileKind(mode: status.st_mode) : .other
        default: return .other
        }
    }

    private func check<Result: SignedInteger>(
        _ call: String, _ body: () -> Result
    ) throws(SystemCallError) -> Result {
        while true {
            let result = body()
            if result >= 0 { return result }
            let code = errno
            guard code == EINTR else { throw SystemCallError(call: call, code: code) }
        }
    }
}

extension FileKind {
    /// From `st_mode`.
    init(mode: UInt32) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .symbolicLink
        default: self = .other
        }
    }
}
