import Foundation
import Storage

extension TracedArtifact {
    /// Writes a file as a whole. One that is there stays: equal, it is what was asked for; different, it is somebody's.
    ///
    /// - Throws: `CommandFailure`.
    static func write(_ bytes: [UInt8], to path: String) throws {
        if FileManager.default.fileExists(atPath: path) {
            if FileManager.default.contents(atPath: path) == Data(bytes) { return }
            throw CommandFailure(.storageFailure, "\(path): is there already, with other contents; remove it or choose another name")
        }
        do throws(StorageError) {
            try TracelessWriter().write(bytes, to: path)
        } catch {
            throw CommandFailure(.storageFailure, error.description)
        }
    }
}
