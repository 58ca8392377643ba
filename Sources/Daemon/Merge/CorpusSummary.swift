import Foundation
import Fuzzing
import Storage

/// What `fuzzd corpus` says of a directory; `--json` prints it with keys in snake case, which are only ever added to.
struct CorpusSummary: Codable, Equatable {
    struct Operations: Codable, Equatable {
        var total = 0
        var tooShort = 0
        /// By QEMU's name.
        var kinds: [String: Int] = [:]
    }

    struct Failing: Codable, Equatable {
        var path: String
        var summary: String
    }

    struct Coverage: Codable, Equatable {
        var edges: Int
        var edgesOfTarget: Int
        var features: Int
        /// The fewest files that have all features.
        var neededFiles: Int
        var neededBytes: Int
        var rejected: Int
        var failing: [Failing]
        var redundant: [String]
    }

    var format = 1
    var directory: String
    var files: Int
    /// Files with the bytes of another.
    var duplicates: Int
    var bytes: Int
    /// Sizes; `nil` where there are no files.
    var smallest: Int?
    var median: Int?
    var largest: Int?
    /// Files that are not named by the SHA-1 of their bytes.
    var namedFreely: Int
    /// `nil` without a config, and where inputs have no operations.
    var operations: Operations?
    /// `nil` without a config.
    var coverage: Coverage?
    var warnings: [String]

    /// Names of files that the text lists; the rest is counted.
    private static let namedFiles = 20

    init(directory: String, _ loaded: CorpusLoad) {
        let sizes = loaded.files.map(\.bytes.count).sorted()
        self.directory = directory
        files = sizes.count
        duplicates = loaded.duplicates
        bytes = sizes.reduce(0, +)
        smallest = sizes.first
        median = sizes.isEmpty ? nil : sizes[sizes.count / 2]
        largest = sizes.last
        namedFreely = loaded.files.count { URL(fileURLWithPath: $0.path).lastPathComponent != $0.name }
        warnings = loaded.warnings.map(\.description)
    }

    mutating func countOperations(_ inputs: [CorpusFile]) {
        var counted = Operations()
        for opcode in GenericFuzzOpcode.allCases { counted.kinds[opcode.name] = 0 }
        for operation in inputs.lazy.flatMap({ GenericFuzzInput($0.bytes).operations }) {
            if operation.isTooShort {
                counted.tooShort += 1
            } else {
                counted.total += 1
                counted.kinds[operation.opcode.name, default: 0] += 1
            }
        }
        operations = counted
    }

    /// For people; without the warnings.
    var lines: [String] {
        var lines = ["files         \(files)" + (duplicates > 0 ? ", and \(duplicates) with the bytes of another" : "")]
        lines.append("bytes         \(bytes)")
        if let smallest, let median, let largest { lines.append("sizes         \(smallest) to \(largest), median \(median)") }
        if namedFreely > 0 { lines.append("named freely  \(namedFreely): not by the SHA-1 of the bytes") }
        if let operations {
            lines.append("operations    \(operations.total), and \(operations.tooShort) too short to do anything")
            let kinds = GenericFuzzOpcode.allCases.map { "\($0.name) \(operations.kinds[$0.name] ?? 0)" }
            lines.append("  " + kinds.joined(separator: ", "))
        }
        return lines + (coverage.map(Self.lines) ?? [])
    }

    private static func lines(_ coverage: Coverage) -> [String] {
        var lines = [
            "edges         \(coverage.edges) of \(coverage.edgesOfTarget)",
            "features      \(coverage.features)",
            "needed        \(coverage.neededFiles) files, \(coverage.neededBytes) bytes, have all features",
        ]
        if coverage.rejected > 0 { lines.append("rejected      \(coverage.rejected) by the harness") }
        if !coverage.failing.isEmpty {
            lines += ["failing       \(coverage.failing.count)"] + named(coverage.failing.map { "\($0.path): \($0.summary)" })
        }
        if !coverage.redundant.isEmpty { lines += ["redundant     \(coverage.redundant.count)"] + named(coverage.redundant) }
        return lines
    }

    private static func named(_ lines: [String]) -> [String] {
        let shown = lines.prefix(namedFiles).map { "  " + TerminalText.sanitised($0) }
        return lines.count > namedFiles ? shown + ["  and \(lines.count - namedFiles) more"] : shown
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .custom { path in
            // Names of operations are names, and stay.
            let key = path[path.count - 1]
            let isKind = path.count > 1 && path[path.count - 2].stringValue == "kinds"
            return isKind ? key : SnakeCaseKey(key)
        }
        // Plain values: nothing in them can fail to encode.
        do { return String(decoding: try encoder.encode(self), as: UTF8.self) } catch { preconditionFailure("\(error)") }
    }
}

private struct SnakeCaseKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ key: any CodingKey) {
        stringValue = key.stringValue.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
    }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
