import Fuzzing
import Glibc
import Storage

/// Where the result of a minimisation goes: a file that is there whole or not at all, and never the artifact itself.
struct MinimizedFile {
    let path: String
    private var writtenAt = CampaignClock.now()
    private var written: [UInt8]?
    /// A better one is written at most this often while the search goes on.
    private static let writeSeconds = 1.0

    /// - Parameter outputPath: `nil` takes libFuzzer's name, beside the artifact.
    /// - Throws: `CommandFailure` where it would be the artifact's own file.
    init(outputPath: String?, artifactPath: String, artifact: [UInt8]) throws {
        let directory = TracelessWriter.directory(of: artifactPath)
        let prefix = artifactPath.contains("/") ? (directory == "/" ? "/" : directory + "/") : ""
        path = outputPath ?? prefix + "minimized-from-" + inputName(of: artifact)
        guard !Self.isSame(path, artifactPath) else {
            throw CommandFailure(.usage, "-o \(path): is the artifact itself, which is never overwritten; name another file")
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw CommandFailure(.usage, "-o \(path): is a directory; name a file")
        }
    }

    /// Writes what is the best so far, unless that was done just now.
    mutating func keep(_ input: [UInt8]) throws {
        guard input != written, CampaignClock.now() - writtenAt >= Self.writeSeconds else { return }
        try write(input)
    }

    mutating func write(_ input: [UInt8]) throws {
        if input != written { try asCommandFailure { try TracelessWriter().write(input, to: path, replaces: true) } }
        writtenAt = CampaignClock.now()
        written = input
    }

    /// Where the earlier inputs go that an artifact needs: `OUT.before-1`, `OUT.before-2` …, as triage names them.
    func earlierPath(_ index: Int) -> String { "\(path).before-\(index + 1)" }

    mutating func keep(_ input: [UInt8], behind earlier: [[UInt8]]) throws {
        guard CampaignClock.now() - writtenAt >= Self.writeSeconds else { return }
        try write(input, behind: earlier)
    }

    /// The earlier inputs first: what is there of a result after `kill -9` fails in any case.
    mutating func write(_ input: [UInt8], behind earlier: [[UInt8]]) throws {
        for (index, bytes) in earlier.enumerated() {
            try asCommandFailure { try TracelessWriter().write(bytes, to: earlierPath(index), replaces: true) }
        }
        try write(input)
    }

    private static func isSame(_ one: String, _ other: String) -> Bool {
        var first = stat()
        var second = stat()
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return one == other }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }
}
