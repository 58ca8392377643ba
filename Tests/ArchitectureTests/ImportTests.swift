import Foundation
import Testing

/// Who may import whom. Both sides meet in `CForkServerABI` only.
@Suite("Imports")
struct ImportTests {
    /// Modules of the package and libraries that each module may import; the standard library always.
    static let allowed: [String: Set<String>] = [
        "CForkServerABI": [],
        "CTargetRuntime": ["CForkServerABI"],
        "TargetRuntime": ["CForkServerABI", "CTargetRuntime"],
        "Machine": [],
        "Devices": ["Machine"],
        "MachineHarness": ["Machine", "Devices"],
        "pc-fuzz": ["MachineHarness", "Devices", "Machine", "TargetRuntime", "Glibc"],
        "Fuzzing": [],
        "ForkServer": ["CForkServerABI", "Fuzzing", "Glibc", "Synchronization"],
        "Storage": ["Fuzzing", "Foundation", "Glibc", "Crypto", "GRDB"],
        "Dashboard": ["Fuzzing"],
        "Reproducers": [],
        "Daemon": [
            "Fuzzing", "ForkServer", "Storage", "Dashboard", "Reproducers", "Foundation", "Glibc", "Synchronization", "Yams",
            "NIOCore", "NIOPosix", "NIOHTTP1",
        ],
        "fuzzd": ["Daemon", "ArgumentParser", "Glibc"],
    ]

    @Test func theTableNamesEveryModule() {
        #expect(Set(SourceTree.directories(under: "Sources")) == Set(Self.allowed.keys))
    }

    @Test(arguments: ImportTests.allowed.keys.sorted())
    func importsOnlyWhatTheTableAllows(module: String) throws {
        let allowed = try #require(Self.allowed[module])
        let files = SourceTree.files(under: "Sources/" + module, extensions: ["swift"])
        for file in files {
            for imported in Self.imports(file) {
                #expect(allowed.contains(imported), "\(file.path) imports \(imported)")
            }
        }
        let hasSources = !files.isEmpty || module.hasPrefix("C")
        #expect(hasSources, "no Swift files found in Sources/\(module)")
    }

    @Test func theManifestAllowsNoMore() {
        // A dependency that is declared and not allowed above would only wait to be used.
        let manifest = SourceTree.text("Package.swift")
        for (module, allowed) in Self.allowed {
            guard let declared = Self.declaration(of: module, in: manifest) else {
                Issue.record("Package.swift declares no target \(module)")
                continue
            }
            for dependency in Self.allowed.keys
            where declared.contains("\"\(dependency)\"") && dependency != module {
                #expect(allowed.contains(dependency), "Package.swift: \(module) depends on \(dependency)")
            }
        }
    }

    @Test func cHeadersIncludeOnlyLibcAndTheContract() {
        for module in ["CForkServerABI", "CTargetRuntime"] {
            for file in SourceTree.files(under: "Sources/" + module, extensions: ["h", "c"]) {
                for line in file.text.split(separator: "\n") where line.hasPrefix("#include \"") {
                    let name = line.dropFirst("#include \"".count).prefix { $0 != "\"" }
                    let own = module == "CForkServerABI" ? "fuzzd_abi" : "fuzzd_"
                    #expect(name.hasPrefix(own), "\(file.path) includes \(name)")
                }
            }
        }
    }

    /// Module names of a file's import declarations, in all their forms.
    static func imports(_ file: SourceTree.File) -> [String] {
        let kinds: Set<String> = ["enum", "struct", "class", "func", "var", "let", "protocol", "typealias"]
        return file.code.compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let index = words.firstIndex(of: "import"),
                words[..<index].allSatisfy({ $0.hasPrefix("@") || $0 == "package" || $0 == "public" })
            else { return nil }
            var name = words.dropFirst(index + 1)
            if let first = name.first, kinds.contains(first) { name = name.dropFirst() }
            return name.first.map { String($0.prefix { $0 != "." }) }
        }
    }

    /// The text of a target's declaration, from its name to the next target.
    static func declaration(of module: String, in manifest: String) -> Substring? {
        guard let targets = manifest.range(of: "    targets: ["),
            let name = manifest.range(
                of: "name: \"\(module)\"", range: targets.upperBound..<manifest.endIndex)
        else { return nil }
        let rest = manifest[name.upperBound...]
        let ends = ["arget(name:", "arget(\n"].compactMap { rest.range(of: $0)?.lowerBound }
        return rest[..<(ends.min() ?? rest.endIndex)]
    }
}
