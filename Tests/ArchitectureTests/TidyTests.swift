import Foundation
import Testing

/// The house rules that a machine can check.
@Suite("Tidy")
struct TidyTests {
    private static let fileLineLimit = 500
    private static let functionLineLimit = 80
    private static let functionLineAdvice = 70

    static let sources = SourceTree.files(under: "Sources", extensions: ["swift", "c", "h"])
    static let all = sources + SourceTree.files(under: "Tests", extensions: ["swift", "c", "h"])

    @Test func filesAreShort() {
        for file in Self.all {
            let count = file.text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(count <= Self.fileLineLimit, "\(file.path) has \(count) lines; split it by concept")
        }
    }

    /// A campaign that a test runs from here leaves its artifacts here.
    @Test func theTopLevelHasOnlyWhatBelongsThere() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: SourceTree.root).filter { name in
            // Directories may be those of somebody's own campaigns.
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: SourceTree.root + "/" + name, isDirectory: &isDirectory)
            return !name.hasPrefix(".") && !isDirectory.boolValue
        }
        let expected: Set<String> = ["ARCHITECTURE.md", "Makefile", "Package.resolved", "Package.swift", "README.md"]
        #expect(Set(files).subtracting(expected) == [])
    }

    @Test func functionsFitAScreen() {
        var long: [String] = []
        for file in Self.all where file.path.hasSuffix(".swift") {
            for function in Self.functions(file) where function.lines > Self.functionLineAdvice {
                long.append("\(file.path):\(function.start): \(function.lines) lines")
                #expect(function.lines <= Self.functionLineLimit, "\(file.path):\(function.start)")
            }
        }
        if !long.isEmpty {
            print("functions of more than \(Self.functionLineAdvice) lines:\n" + long.joined(separator: "\n"))
        }
        #expect(
            Self.functions(SourceTree.File(path: "", text: "func a() {\n    b()\n}\n")).map(\.lines) == [3])
    }

    @Test func nothingIsForcedInSources() throws {
        let forced = try Regex(#"\btry!|\bas!|[\w\])]!(?!=)"#)
        for file in Self.sources where file.path.hasSuffix(".swift") {
            for (number, line) in file.code.enumerated() where line.contains(forced) {
                Issue.record("\(file.path):\(number + 1): \(line.trimmingCharacters(in: .whitespaces))")
            }
        }
    }

    @Test func nothingIsLeftForLater() throws {
        // Written apart, so that this file passes itself.
        let words = ["TO" + "DO", "FIX" + "ME", "X" + "XX:", "HA" + "CK"]
        for file in Self.all + Self.otherFiles {
            for word in words where file.text.contains(word) { Issue.record("\(file.path) contains \(word)") }
        }
    }

    @Test func noPathOfSomebodysMachine() throws {
        let path = try Regex(#"(^|[\s"'`(=:])/(work|home/[a-z]+|root|Users/[a-z]+|tmp/[a-z])/"#)
        for file in Self.all + Self.otherFiles {
            for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated()
            where line.contains(path) {
                Issue.record("\(file.path):\(number + 1): \(line)")
            }
        }
    }

    @Test func noBlockComments() {
        for file in Self.all where file.path.hasSuffix(".swift") {
            #expect(!file.code.contains { $0.contains("/*") }, "\(file.path): use // comments")
        }
    }

    static let otherFiles =
        ["docs", "configs", "scripts", "Benchmarks"].flatMap {
            SourceTree.files(under: $0, extensions: ["", "md", "yaml", "sh", "swift", "dict"])
        }
        + ["Package.swift", "Makefile", "README.md", "ARCHITECTURE.md"].map {
            SourceTree.File(path: $0, text: SourceTree.text($0))
        }

    /// Functions, initialisers and accessors by their indentation, which the formatter guarantees.
    static func functions(_ file: SourceTree.File) -> [(start: Int, lines: Int)] {
        guard
            let head = try? Regex(
                #"^ *((@\w+(\(.*\))? )*[a-z() ]*\bfunc |[a-z ]*\bde?init\b|[a-z ]*\bsubscript\b)"#)
        else { return [] }
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        var result: [(start: Int, lines: Int)] = []
        for (index, line) in lines.enumerated() where line.prefixMatch(of: head) != nil {
            let indentation = line.prefix { $0 == " " }
            let end = lines[index...].firstIndex { $0 == indentation + "}" }
            // One on a single line, or a requirement of a protocol, ends before the next head.
            if line.hasSuffix("}") || !Self.opensBody(lines[index...]) { continue }
            if let end { result.append((index + 1, end - index + 1)) }
        }
        return result
    }

    private static func opensBody(_ lines: ArraySlice<Substring>) -> Bool {
        for line in lines.prefix(20) {
            if line.hasSuffix("{") { return true }
            if line.isEmpty || line.hasSuffix("}") { return false }
        }
        return false
    }
}
