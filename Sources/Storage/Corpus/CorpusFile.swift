/// One input that was loaded from a corpus directory.
package struct CorpusFile: Sendable, Equatable {
    /// The bytes, at most `maxInputBytes` of the file.
    package var bytes: [UInt8]
    /// SHA-1 name of `bytes` (not necessarily the file's name: a seed may be called anything).
    package var name: String
    package var path: String

    package init(bytes: [UInt8], name: String, path: String) {
        self.bytes = bytes
        self.name = name
        self.path = path
    }
}

/// Something about a corpus that the user should know and that does not stop the campaign.
///
/// `description` is one line.
package enum CorpusWarning: Sendable, Equatable, CustomStringConvertible {
    case truncated(path: String, sizeBytes: Int, limitBytes: Int)
    case unreadable(path: String, code: Int32)
    /// Listed, and gone when it was to be read.
    case vanished(path: String)
    case tooDeep(path: String)

    package var description: String {
        switch self {
        case .truncated(let path, let sizeBytes, let limitBytes):
            "corpus file '\(path)' has \(sizeBytes) bytes; only the first \(limitBytes) are used (fuzzing.max_len)"
        case .unreadable(let path, let code):
            "corpus file '\(path)' is left out: \(describe(errorCode: code))"
        case .vanished(let path):
            "corpus file '\(path)' is left out: it was deleted while the corpus was loaded"
        case .tooDeep(let path):
            "corpus directory '\(path)' is left out: nested deeper than \(CorpusReader.maxDepth) levels"
        }
    }
}

/// What the corpus directories held.
package struct CorpusLoad: Sendable, Equatable {
    /// Distinct inputs in a fixed order: directory by directory as given, within each by path.
    package var files: [CorpusFile] = []
    package var warnings: [CorpusWarning] = []
    /// Files whose bytes were in `files` already.
    package var duplicates = 0

    package init() {}
}
