import Daemon
import Foundation
import Storage
import Testing

@Suite("SARIF")
struct SarifReportTests {
    /// Two groups, one without any source position, and one that is flaky.
    private static func inventory() -> CrashInventory {
        var bare = TriageFixtures.record(kind: .timeout, signature: "")
        bare.stack = []
        let groups = CrashGroup.make([TriageFixtures.triaged([1, 2]), TriageFixtures.triaged([3], bare, same: 2)], sightings: [])
        var inventory = CrashInventory()
        inventory.directories = [CrashInventory.Directory(path: "artifacts", groups: groups, configPath: "configs/a.yaml")]
        return inventory
    }

    private func log(_ inventory: CrashInventory) throws -> [String: Any] {
        let text = SarifReport(inventory, sourceRoot: "/src", version: "1").text
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func hasWhatCodeScanningAsksFor() throws {
        let log = try log(Self.inventory())
        #expect(log["version"] as? String == "2.1.0")
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(results.count == 2)
        let driver = try #require((run["tool"] as? [String: [String: Any]])?["driver"])
        let rules = try #require(driver["rules"] as? [[String: Any]]).compactMap { $0["id"] as? String }
        #expect(rules == ["crash/sigsegv", "timeout/timeout"])
        for result in results {
            let rule = try #require(result["ruleId"] as? String)
            let index = try #require(result["ruleIndex"] as? Int)
            #expect(rules[index] == rule)
            #expect((result["message"] as? [String: String])?["text"]?.isEmpty == false)
            #expect((result["partialFingerprints"] as? [String: String])?["fuzzdCrashSignature/v1"]?.count == 10)
            let location = try #require((result["locations"] as? [[String: Any]])?.first?["physicalLocation"] as? [String: Any])
            let uri = try #require((location["artifactLocation"] as? [String: String])?["uri"])
            #expect(!uri.hasPrefix("/") && !uri.contains(" ") && !uri.contains("file:"), "\(uri)")
            #expect((location["region"] as? [String: Int])?["startLine"] ?? 0 > 0)
        }
        let crash = try #require(results.first { $0["ruleId"] as? String == "crash/sigsegv" })
        #expect("\(crash["locations"] ?? "")".contains("a%20dir/f.swift"))
        #expect(crash["level"] as? String == "error")
        let timeout = try #require(results.first { $0["ruleId"] as? String == "timeout/timeout" })
        #expect("\(timeout["locations"] ?? "")".contains("configs/a.yaml"), "GitHub refuses a result without a place")
        #expect(timeout["level"] as? String == "note", "flaky")
    }

    @Test func nothingFoundIsALogToo() throws {
        let run = try #require((try log(CrashInventory())["runs"] as? [[String: Any]])?.first)
        #expect((run["results"] as? [Any])?.isEmpty == true)
    }

    @Test func pathsAreThoseOfTheRepository() throws {
        let root = NSTemporaryDirectory() + "fuzzd-sarif-" + UUID().uuidString.prefix(8)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: root + "/hw/net", withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: root + "/hw/net/e1000.c", contents: Data()))
        let paths = SourcePaths(root: root)
        #expect(paths.relativeURI(root + "/a b.c") == "a%20b.c")
        #expect(paths.relativeURI("/build/qemu/sources/../hw/net/e1000.c") == "hw/net/e1000.c", "built elsewhere")
        #expect(paths.relativeURI("/nowhere/x.c") == "nowhere/x.c")
        #expect(paths.relativeURI("configs/a.yaml") == "configs/a.yaml")
        #expect(SourcePaths(root: "/").rootURI == "file:///")
    }

    /// Against OASIS' own schema, which scripts/check-sarif installs; not where that is not possible.
    @Test func theRealSchemaAcceptsIt() throws {
        let path = NSTemporaryDirectory() + "fuzzd-sarif-" + UUID().uuidString.prefix(8) + ".sarif"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(SarifReport(Self.inventory(), sourceRoot: "/src", version: "1").text.utf8).write(to: URL(fileURLWithPath: path))
        let (status, output) = try Self.check(path)
        if status == 77 { return print("SKIPPED: the SARIF schema could not be installed: \(output)") }
        #expect(status == 0, "\(output)")
        // The check does refuse what is wrong.
        let broken = try String(contentsOfFile: path, encoding: .utf8).replacing("\"message\"", with: "\"massage\"")
        try Data(broken.utf8).write(to: URL(fileURLWithPath: path))
        #expect(try Self.check(path).status == 1)
    }

    private static func check(_ path: String) throws -> (status: Int32, output: String) {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = root.appendingPathComponent("scripts/check-sarif")
        process.arguments = [path]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
