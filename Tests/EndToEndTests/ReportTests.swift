import Foundation
import Testing

/// `fuzzd report` on the built-in machine, and a browser that looks at its page.
@Suite("Report", .serialized)
struct ReportTests {
    /// A short campaign with planted bugs; the page about it.
    private func campaign() throws -> (Workspace, page: String) {
        let workspace = try Workspace()
        let config = try workspace.write(
            """
            name: reported
            target:
              program: \(Workspace.buildDirectory)/pc-fuzz
              arguments: [--harness, generic, --objects, "virtio* serial", --bug, all]
            fuzzing:
              seeds: \(Workspace.root)/configs/seeds/generic
              seed: 11
            artifacts: \(workspace.artifacts)

            """, to: "campaign.yaml")
        _ = try workspace.runCampaign(config, ["--max-total-time", "8", "--ignore-findings"])
        let result = try workspace.run(
            ["report", "--config", config, "--corpus", workspace.corpus, "--html", "report.html"])
        #expect(result.exitCode == 0, "\(result.output)")
        return (workspace, workspace.directory + "/report.html")
    }

    @Test func thePageTellsTheCampaign() throws {
        let (workspace, path) = try campaign()
        let page = try String(contentsOfFile: path, encoding: .utf8)
        for word in ["http://", "https://", "<script", "@import", "url(", "src="] { #expect(!page.contains(word), "\(word)") }
        #expect(page.contains("<h1>reported</h1>"))
        #expect(page.contains("id=\"time\"") && page.contains("<polyline"), "curves")
        #expect(page.contains("<h3>virtio-pci-common-virtio-blk</h3>"), "a region of the device")
        #expect(page.contains("<h3>virtio-blk-pci 2.0</h3>"), "its configuration space")
        #expect(page.contains("VirtIOPCIDevice.swift"))
        let artifacts = try workspace.files("artifacts").keys.filter { !$0.contains(".") }
        for artifact in artifacts { #expect(page.contains(artifact), "\(artifact)") }
        // The same groups as those of `fuzzd crashes`, in the same order.
        let list = try workspace.run(["crashes", "--config", workspace.directory + "/campaign.yaml"])
        let groups = list.lines(containing: "stable").map { String($0.prefix(10)) }
        #expect(!groups.isEmpty && list.exitCode == 0, "\(list.output)")
        let found = page.components(separatedBy: "<details id=\"").dropFirst().map { String($0.prefix(10)) }
        #expect(Array(found) == groups, "\(list.output)")
        #expect(artifacts.isEmpty || page.contains("fuzzd reproduce --config"))
        guard Browser.isThere else { return }
        try Browser.expectWhole(
            path, contains: ["<title>reported</title>", "<polyline", "class=\"heat\"", "</html>"], workspace)
    }

    @Test func withoutACorpusThereAreTheFindings() throws {
        let workspace = try Workspace()
        let config = try workspace.config()
        try FileManager.default.createDirectory(atPath: workspace.artifacts, withIntermediateDirectories: true)
        let name = "crash-" + String(repeating: "ab", count: 20)
        try workspace.write("T", to: "artifacts/" + name)
        let result = try workspace.run(["report", "--config", config, "--html", "report.html"])
        #expect(result.exitCode == 0, "\(result.output)")
        let page = try String(contentsOfFile: workspace.directory + "/report.html", encoding: .utf8)
        #expect(page.contains(name) && page.contains("Without --corpus") && page.contains("has no .json beside it"))
        #expect(page.contains("cut or changed") && page.contains("class=\"label stable\""), "it is run, whatever it is called")
        #expect(!page.contains("<polyline"))
    }

    @Test func aDamagedHistoryIsOneLine() throws {
        let workspace = try Workspace()
        let config = try workspace.config()
        try workspace.seed(["c"])
        let page = try workspace.write("an earlier page", to: "report.html")
        try FileManager.default.createDirectory(
            atPath: workspace.corpus + "/.fuzzd", withIntermediateDirectories: true)
        try workspace.write(String(repeating: "no database ", count: 1000), to: "corpus/.fuzzd/history.sqlite")
        let result = try workspace.run(
            ["report", "--config", config, "--corpus", workspace.corpus, "--html", page])
        #expect(result.exitCode == 8 && result.failures.count == 1, "\(result.output)")
        #expect(result.output.contains("history.sqlite"))
        #expect(try String(contentsOfFile: page, encoding: .utf8) == "an earlier page")
    }

    /// The built-in machine by itself: the sum over the registers is the number of lines.
    @Test func theMachineTellsItsAccesses() throws {
        let seeds = Workspace.root + "/configs/seeds/generic/"
        let files = try FileManager.default.contentsOfDirectory(atPath: seeds).sorted().map { seeds + $0 }
        let workspace = try Workspace()
        func lines(_ flag: String, _ word: String) throws -> [[Substring]] {
            let process = try FuzzdProcess(
                program: Workspace.buildDirectory + "/pc-fuzz", arguments: ["--objects", "virtio*", "--reset", flag] + files,
                environment: [:], log: workspace.directory + "/log", directory: workspace.directory)
            let result = try process.wait()
            #expect(result.exitCode == 0, "\(result.output)")
            return result.lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false) }.filter { $0.first == word[...] }
        }
        let each = try lines("--log-accesses", "access")
        let counts = try lines("--count-accesses", "accesses")
        #expect(each.count > 20 && each.allSatisfy { $0.count == 7 } && counts.allSatisfy { $0.count == 7 })
        let sum = counts.reduce(0) { $0 + (Int($1[5]) ?? 0) + (Int($1[6]) ?? 0) }
        #expect(sum == each.count)
        #expect(Set(counts.map { $0[1] }) == ["configuration", "memory", "port"])
        #expect(counts.contains { $0[2] == "virtio-pci-common-virtio-blk" && $0[3] == "virtio-blk-pci" })
    }

    @Test func whatIsWrongIsOneLineAndNothingIsOverwritten() throws {
        let workspace = try Workspace()
        let config = try workspace.config()
        let page = try workspace.write("an earlier page", to: "report.html")
        try workspace.write("no database", to: "corpus/.fuzzd")
        let refusals: [(arguments: [String], code: Int32, text: String)] = [
            (["--html", page, "--corpus", workspace.directory + "/nowhere"], 3, "cannot list directory"),
            (["--html", page, "--corpus", workspace.directory + "/run"], 3, "no inputs"),
            (["--html", workspace.directory + "/nowhere/page.html"], 8, "there is no directory"),
            (["--html", page, "--artifacts", page], 3, "artifacts cannot be listed"),
        ]
        for refusal in refusals {
            let result = try workspace.run(["report", "--config", config] + refusal.arguments)
            #expect(result.exitCode == refusal.code && result.failures.count == 1, "\(refusal): \(result.output)")
            #expect(result.output.contains(refusal.text), "\(refusal): \(result.output)")
        }
        #expect(try String(contentsOfFile: page, encoding: .utf8) == "an earlier page")
        #expect(try workspace.run(["report", "--config", config]).exitCode == 2, "--html is needed")
    }
}
