import Foundation

/// The package's files as text: what the rules of the architecture are checked on.
enum SourceTree {
    struct File {
        /// Relative to the package.
        var path: String
        var text: String

        /// Lines without comments and without the contents of string literals.
        var code: [String] { Self.strip(text) }

        private static func strip(_ text: String) -> [String] {
            var isInLongString = false
            return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                let fences = line.components(separatedBy: "\"\"\"").count - 1
                defer { if fences % 2 == 1 { isInLongString.toggle() } }
                if isInLongString || fences > 0 { return "" }
                return stripLine(line)
            }
        }

        private static func stripLine(_ line: Substring) -> String {
            var result = ""
            var isInString = false
            var previous: Character = " "
            for character in line {
                if character == "\"", previous != "\\" {
                    isInString.toggle()
                } else if !isInString {
                    if character == "/", previous == "/" {
                        result.removeLast()
                        break
                    }
                    result.append(character)
                }
                previous = character == "\\" && previous == "\\" ? " " : character
            }
            return result
        }
    }

    /// The package's directory.
    static let root: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    /// Where the package's products are: beside the test program.
    static let buildDirectory: String =
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path

    /// Files below a directory of the package, sorted; build products and hidden directories left out.
    static func files(under directory: String, extensions: Set<String>) -> [File] {
        let base = root + "/" + directory
        guard let walker = FileManager.default.enumerator(atPath: base) else { return [] }
        var result: [File] = []
        for case let path as String in walker {
            let parts = path.split(separator: "/")
            if parts.contains(where: { $0.hasPrefix(".build") || $0 == ".git" }) {
                walker.skipDescendants()
                continue
            }
            guard extensions.contains((path as NSString).pathExtension) || extensions.isEmpty,
                let data = FileManager.default.contents(atPath: base + "/" + path),
                let text = String(data: data, encoding: .utf8)
            else { continue }
            result.append(File(path: directory.isEmpty ? path : directory + "/" + path, text: text))
        }
        return result.sorted { $0.path < $1.path }
    }

    /// Names of the directories directly below one.
    static func directories(under directory: String) -> [String] {
        let base = root + "/" + directory
        let names = (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
        return names.sorted().filter { name in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: base + "/" + name, isDirectory: &isDirectory)
                && isDirectory.boolValue
        }
    }

    static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: root + "/" + path).map { String(decoding: $0, as: UTF8.self) }
            ?? ""
    }

    /// Runs a program; its exit status and everything that it printed.
    static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
