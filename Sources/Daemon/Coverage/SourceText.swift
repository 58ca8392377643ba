import Foundation

/// Lines of source files, where they are still there. Reads each file once; owned by one command.
final class SourceText: SourceLines {
    /// Larger files are generated, and no help to a reader.
    private static let maximumBytes = 4 << 20
    private var files: [String: [Substring]] = [:]
    private let workingDirectory: String

    init(workingDirectory: String = FileManager.default.currentDirectoryPath) {
        self.workingDirectory = workingDirectory + "/"
    }

    /// Line `number`, counted from 1, without blanks around it; `nil` where it cannot be read.
    func line(_ number: Int?, of path: String?) -> String? {
        guard let number, let path else { return nil }
        let lines = lines(of: path)
        guard lines.indices.contains(number - 1) else { return nil }
        return lines[number - 1].trimmingCharacters(in: .whitespaces)
    }

    /// All lines; none where the file cannot be read.
    func lines(of path: String) -> [Substring] {
        if let known = files[path] { return known }
        var lines: [Substring] = []
        // A path of the debug information may be anything by now: a pipe, say.
        if let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular,
            let size = attributes[.size] as? Int, size <= Self.maximumBytes,
            let data = FileManager.default.contents(atPath: path)
        {
            lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        }
        files[path] = lines
        return lines
    }

    /// A path as a reader wants it: relative where it lies below the working directory.
    func shown(_ path: String) -> String {
        path.hasPrefix(workingDirectory) ? String(path.dropFirst(workingDirectory.count)) : path
    }
}
