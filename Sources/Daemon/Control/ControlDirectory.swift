import Glibc
import Storage

/// The directory that holds one socket a running campaign, `NAME.sock`; only its owner may enter it.
package struct ControlDirectory: Sendable {
    private static let suffix = ".sock"
    package let path: String

    package init(path: String) { self.path = path }

    /// `$XDG_RUNTIME_DIR/fuzzd`, or `/tmp/fuzzd-UID` where there is no such directory.
    ///
    /// - Parameter runtimeDirectory: the value of `XDG_RUNTIME_DIR`.
    package init(runtimeDirectory: String?) {
        let isUsable = runtimeDirectory.map { $0.hasPrefix("/") && access($0, W_OK | X_OK) == 0 } ?? false
        path = isUsable ? (runtimeDirectory ?? "") + "/fuzzd" : "/tmp/fuzzd-\(geteuid())"
    }

    /// Makes the directory with mode 0700, or checks that the existing one is ours and closed to others: in `/tmp`
    /// anybody could have made it first.
    package func prepare() throws(ControlError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw .directory(path: path, problem: describe(errorCode: errno))
        }
        try check()
    }

    private func check() throws(ControlError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw .directory(path: path, problem: describe(errorCode: errno))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .directory(path: path, problem: "not a directory; remove it")
        }
        guard status.st_uid == geteuid() else {
            throw .directory(
                path: path, problem: "belongs to user \(status.st_uid), not to you; have it removed")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .directory(path: path, problem: "open to other users; chmod 700 it")
        }
    }

    package func socketPath(campaign: String) -> String { path + "/" + campaign + Self.suffix }

    /// Names with a living daemon behind them, sorted. Sockets of dead daemons are removed on the way.
    package func running() throws(ControlError) -> [String] {
        var status = stat()
        guard lstat(path, &status) == 0 else { return [] }
        try check()
        let entries: [DirectoryEntry]
        do { entries = try LinuxFileSystem().entries(of: path) } catch {
            throw .directory(path: path, problem: describe(errorCode: error.code))
        }
        return entries.filter { $0.name.hasSuffix(Self.suffix) }
            .map { String($0.name.dropLast(Self.suffix.count)) }
            .filter { isAlive(campaign: $0) }
    }

    /// Whether somebody listens; the socket file of a daemon that died is removed.
    package func isAlive(campaign: String) -> Bool {
        let path = socketPath(campaign: campaign)
        guard let code = Self.connectOnce(path) else { return true }
        if code == ECONNREFUSED { unlink(path) }
        // A full queue means that a listener is there, only busy.
        return code == EAGAIN
    }

    /// `nil` when the connection was accepted, otherwise the error number.
    private static func connectOnce(_ path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? nil : errno
    }
}
