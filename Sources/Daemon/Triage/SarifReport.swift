import Foundation
import Storage

/// Crash groups as SARIF 2.1.0 (OASIS), with what GitHub's code scanning asks for: a rule and a message for each result, a
/// location with a relative path, a fingerprint that stays.
package struct SarifReport {
    private static let schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    /// Where results without a source position point to: a file that the repository has.
    private static let rootName = "SRCROOT"

    private let groups: [(directory: CrashInventory.Directory, group: CrashGroup)]
    private let paths: SourcePaths
    private let version: String

    /// - Parameters:
    ///   - sourceRoot: absolute path of the directory that is the repository's top.
    ///   - version: of fuzzd.
    package init(_ inventory: CrashInventory, sourceRoot: String, version: String) {
        groups = inventory.groups
        paths = SourcePaths(root: sourceRoot)
        self.version = version
    }

    package var text: String {
        let rules = ruleNames
        let driver: [String: Any] = [
            "name": "fuzzd", "version": version, "rules": rules.map { rule($0) },
        ]
        let run: [String: Any] = [
            "tool": ["driver": driver], "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": [Self.rootName: ["uri": paths.rootURI]],
            "results": groups.map { result($0.directory, $0.group, rules) },
        ]
        let log: [String: Any] = ["$schema": Self.schema, "version": "2.1.0", "runs": [run]]
        // Strings, numbers, lists and maps of them: nothing that JSON cannot express.
        guard let data = try? JSONSerialization.data(
            withJSONObject: log, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        else { preconditionFailure("SARIF log") }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private var ruleNames: [String] { Set(groups.map { Self.ruleName($0.group.signature) }).sorted() }

    /// `crash/sigill-index-out-of-range`.
    static func ruleName(_ signature: CrashSignature) -> String {
        let words = signature.errorType.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return signature.kind.rawValue + "/" + words.joined(separator: "-")
    }

    private func rule(_ name: String) -> [String: Any] {
        let signature = groups.map(\.group.signature).first { Self.ruleName($0) == name }
        let text = signature.map { "\($0.kind.rawValue): \($0.errorType)" } ?? name
        return [
            "id": name, "shortDescription": ["text": text],
            "fullDescription": ["text": "Fuzzing the target ended in this way: \(text)."],
            "defaultConfiguration": ["level": Self.level(signature?.kind ?? .crash)],
            "properties": ["tags": ["security", "fuzzing"], "precision": "very-high"] as [String: Any],
        ]
    }

    private static func level(_ kind: ArtifactKind) -> String { kind == .crash || kind == .leak ? "error" : "warning" }

    private func result(_ directory: CrashInventory.Directory, _ group: CrashGroup, _ rules: [String]) -> [String: Any] {
        let smallest = group.smallest
        let name = Self.ruleName(group.signature)
        var message = "\(group.title). \(CrashText.label(smallest))."
        if let cause = smallest.triage?.cause { message += " \(cause.explanation)." }
        for (purpose, command) in CrashCommands.all(smallest, configPath: directory.configPath) where purpose == "reproduce" {
            message += " Reproduce: \(command)"
        }
        var result: [String: Any] = [
            "ruleId": name, "level": smallest.isStable ? Self.level(group.signature.kind) : "note",
            "message": ["text": message], "locations": [location(smallest, directory.configPath)],
            "partialFingerprints": ["fuzzdCrashSignature/v1": group.identifier],
            "occurrenceCount": max(1, Int(clamping: group.count)),
            "properties": ["label": group.label, "artifact": smallest.entry.path, "sizeBytes": smallest.entry.input.count] as [String: Any],
        ]
        if let index = rules.firstIndex(of: name) { result["ruleIndex"] = index }
        let frames = smallest.stack.map { ["location": frameLocation($0)] }
        if !frames.isEmpty { result["stacks"] = [["message": ["text": "where it failed"], "frames": frames] as [String: Any]] }
        return result
    }

    /// The innermost frame of the signature that has a source position; the config where there is none.
    private func location(_ artifact: TriagedArtifact, _ config: String?) -> [String: Any] {
        if let own = CrashSignature.sourcePlace(in: artifact.stack) { return frameLocation(own) }
        let path = config ?? artifact.entry.record?.config ?? artifact.entry.path
        return ["physicalLocation": physical(path, line: 1, column: nil)]
    }

    private func frameLocation(_ frame: ArtifactFrame) -> [String: Any] {
        var location: [String: Any] = [:]
        if let file = frame.file { location["physicalLocation"] = physical(file, line: frame.line, column: frame.column) }
        if let symbol = frame.symbol {
            location["logicalLocations"] = [["fullyQualifiedName": symbol, "kind": "function"]]
        }
        let module = frame.module.split(separator: "/").last ?? "?"
        location["message"] = ["text": "\(frame.symbol ?? "?") (\(module)+0x\(String(frame.offset, radix: 16)))"]
        return location
    }

    private func physical(_ path: String, line: Int?, column: Int?) -> [String: Any] {
        var region: [String: Any] = ["startLine": max(1, line ?? 1)]
        if let column, column > 0 { region["startColumn"] = column }
        return ["artifactLocation": ["uri": paths.relativeURI(path), "uriBaseId": Self.rootName], "region": region]
    }
}

/// Paths of source files as they are in a repository: relative to its top, whatever directory it was built in.
package struct SourcePaths {
    private let root: String

    package init(root: String) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    package var rootURI: String { "file://" + Self.encoded(root == "/" ? "" : root) + "/" }

    /// Below the root as it is; else the longest ending of the path that is a file there; else the path without its top.
    package func relativeURI(_ path: String) -> String {
        if path.hasPrefix(root + "/") { return Self.encoded(String(path.dropFirst(root.count + 1))) }
        let parts = path.split(separator: "/").filter { $0 != "." && $0 != ".." }
        for start in parts.indices {
            let ending = parts[start...].joined(separator: "/")
            if FileManager.default.fileExists(atPath: root + "/" + ending) { return Self.encoded(ending) }
        }
        return Self.encoded(parts.joined(separator: "/"))
    }

    private static func encoded(_ path: String) -> String {
        path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed.subtracting(CharacterSet(charactersIn: ":"))) ?? path
    }
}
