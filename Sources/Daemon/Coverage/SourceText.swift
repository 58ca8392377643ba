import Foundation

/// Lines of source files, where they are still there. Reads each file once; owned by one command.
final class SourceText: SourceLines {
    /// Larger files are generated, and no help to a reader.
    private static let maximumBytes = 4 << 20
    private var files: [String: [Substring]] = [:]
    private let workingDirectory: String
    /// Directory that all files outside the working directory are below, with its slash; empty where there is none.
    let commonDirectory: String

    /// - Parameter files: paths that will be shown.
    init(files: [String], workingDirectory: String = FileManager.default.currentDirectoryPath) {
        self.workingDirectory = workingDirectory + "/"
        // Headers of the system are nobody's project.
        let outside = files.filter { $0.hasPrefix("/") && !$0.hasPrefix(workingDirectory + "/") && !$0.hasPrefix("/usr/") }
        commonDirectory = Self.commonDirectory(of: outside)
    }

    /// At least two levels deep, or a reader would miss more than it saves.
    private static func commonDirectory(of paths: [String]) -> String {
        guard let first = paths.first, paths.count > 1 else { return "" }
        var parts = Array(first.split(separator: "/").dropLast())
        for path in paths.dropFirst() {
            let own = path.split(separator: "/").dropLast()
            parts = Array(zip(parts, own).prefix { $0 == $1 }.map(\.0))
        }
        return parts.count > 1 ? "/" + parts.joined(separator: "/") + "/" : ""
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

    /// A path as a reader wants it: relative where it lies below the working directory, or below the one that all others share.
    func shown(_ path: String) -> String {
        for directory in [workingDirectory, commonDirectory] where !directory.isEmpty && path.hasPrefix(directory) {
            return String(path.dropFirst(directory.count))
        }
        return path
    }
}
