import Foundation

/// Files that a command was asked to write.
enum ReportFile {
    /// Writes a file as a whole: what was there stays until the new one is complete.
    ///
    /// - Throws: `CommandFailure`.
    static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure(.storageFailure, "\(path): cannot be written: \(error.localizedDescription)")
        }
    }

    /// Puts a file that is complete in its place; no more of it is in memory than a copy needs.
    ///
    /// - Throws: `CommandFailure`.
    static func move(_ complete: String, to path: String) throws {
        let new = path + ".\(getpid()).new"
        defer { try? FileManager.default.removeItem(atPath: new) }
        do {
            // Beside the other one first: the two may be on two file systems.
            try FileManager.default.moveItem(atPath: complete, toPath: new)
        } catch {
            throw CommandFailure(.storageFailure, "\(path): cannot be written: \(error.localizedDescription)")
        }
        guard rename(new, path) == 0 else {
            throw CommandFailure(.storageFailure, "\(path): cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    /// Refuses a path that cannot be written before anything is measured.
    ///
    /// - Throws: `CommandFailure`.
    static func check(_ paths: [String?]) throws {
        for path in paths.compactMap({ $0 }) {
            var isDirectory: ObjCBool = false
            let url = URL(fileURLWithPath: path)
            if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
                throw CommandFailure(.storageFailure, "\(path): is a directory; name a file in it")
            }
            let directory = url.deletingLastPathComponent().path
            guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
                throw CommandFailure(.storageFailure, "\(path): there is no directory \(directory); create it first")
            }
            guard FileManager.default.isWritableFile(atPath: directory) else {
                throw CommandFailure(.storageFailure, "\(path): no permission to write into \(directory)")
            }
        }
    }
}
