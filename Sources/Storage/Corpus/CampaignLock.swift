import Glibc

/// The right to write to a corpus directory: an exclusive `flock` that the kernel releases when the daemon dies,
/// however it dies. The file holds the owner's process identifier for the message to the other one.
///
/// Owned by the daemon for the length of a campaign; released by `deinit`.
package final class CampaignLock {
    private static let fileName = "lock"
    private let descriptor: Int32

    /// Takes the lock in `stateDirectory` (see `CorpusDirectory.statePath`), which exists.
    ///
    /// - Parameter corpus: the directory that messages name.
    /// - Throws: `StorageError` with `isLockedByAnother` when a living process has it.
    package init(stateDirectory: String, corpus: String) throws(StorageError) {
        let path = stateDirectory + "/" + Self.fileName
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StorageError(step: .lock, path: path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let owner = Self.owner(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw StorageError(step: .lock, path: path, code: code) }
            throw StorageError(
                step: .lock, path: corpus, code: code, detail: "another fuzzd, process \(owner ?? "unknown")")
        }
        let text = Array("\(getpid())\n".utf8)
        // The number only serves the other's message; without room for it the lock holds all the same.
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func owner(_ descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        let digits = buffer[..<count].prefix { $0 >= 48 && $0 <= 57 }
        return digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self)
    }
}
