import Foundation
import Testing

/// `fuzzd coverage` and `fuzzd coverage diff` as programs.
@Suite("Coverage", .serialized)
struct CoverageTests {
    private func json(_ path: String) throws -> [String: Any] {
        let data = try #require(FileManager.default.contents(atPath: path))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func functions(_ report: [String: Any], in file: String) throws -> [String: [String: Any]] {
        let files = try #require(report["files"] as? [[String: Any]])
        let own = files.first { ($0["path"] as? String)?.hasSuffix(file) == true }
        let list = try #require(own?["function_list"] as? [[String: Any]], "\(files.compactMap { $0["path"] })")
        return Dictionary(list.map { ($0["name"] as? String ?? "", $0) }) { first, _ in first }
    }

    @Test func theReachedIsToldByFunctionAndLineCrashesIncluded() throws {
        let workspace = try Workspace()
        // The magic word but for its last letter; an array index out of bounds.
        try workspace.seed(["casx", "T"])
        let config = try workspace.config()
        let result = try workspace.run(
            ["coverage", "--config", config, "--corpus", workspace.corpus, "--json", "report.json", "--html", "page.html"]
                + ["--lcov", "report.info"])
        #expect(result.exitCode == 0, "\(result.output)")
        #expect(result.output.contains("2 inputs, 1 of them failed"))
        #expect(result.output.contains("frontier: unreached edges"))
        let report = try json(workspace.directory + "/report.json")
        let functions = try functions(report, in: "PuzzleTarget/Puzzles.swift")
        func reached(_ name: String) throws -> Int {
            let function = try #require(functions.first { $0.key.contains(name) }?.value, "\(functions.keys)")
            return (function["edges"] as? [String: Int])?["reached"] ?? -1
        }
        #expect(try reached(".magic(") > 0)
        #expect(try reached(".trap(") > 0, "the input that crashed counts")
        #expect(try reached(".writeLargeFile(") == 0)
        #expect(report["unreached_traps"] as? Int ?? 0 > 0)
        // What is missing of the magic word is next to what was reached.
        let frontier = try #require(report["frontier"] as? [[String: Any]])
        #expect(frontier.contains { ($0["function"] as? String)?.contains(".magic(") == true }, "\(frontier)")
        let page = try String(contentsOfFile: workspace.directory + "/page.html", encoding: .utf8)
        #expect(page.contains("Puzzles.swift") && page.contains("<pre class=\"source\">"))
        let tracefile = try String(contentsOfFile: workspace.directory + "/report.info", encoding: .utf8)
        #expect(tracefile.contains("Puzzles.swift\n") && tracefile.hasSuffix("end_of_record\n"))
    }

    @Test func theDifferenceOfTwoCorpora() throws {
        let workspace = try Workspace()
        let config = try workspace.config()
        for (name, inputs) in [("more", ["c", "casx"]), ("less", ["c"])] {
            try FileManager.default.createDirectory(
                atPath: workspace.directory + "/" + name, withIntermediateDirectories: true)
            for input in inputs { try workspace.write(input, to: name + "/" + input) }
        }
        let result = try workspace.run(["coverage", "diff", "--config", config, "more", "less", "--json", "diff.json"])
        #expect(result.exitCode == 0, "\(result.output)")
        #expect(result.output.contains("only more reaches") && !result.output.contains("only less reaches"))
        let difference = try json(workspace.directory + "/diff.json")
        let first = try #require(difference["first"] as? [String: Any])
        #expect((first["edges_only_here"] as? Int ?? 0) > 0)
        #expect((difference["second"] as? [String: Any])?["edges_only_here"] as? Int == 0)
        let parts = try #require(first["functions"] as? [[String: Any]])
        #expect(parts.contains { ($0["function"] as? String)?.contains(".magic(") == true }, "\(parts)")
        let same = try workspace.run(["coverage", "diff", "--config", config, "more", "more"])
        #expect(same.exitCode == 0 && same.output.contains("no difference"))
    }

    @Test func withoutASymboliserThereAreFunctions() throws {
        let workspace = try Workspace()
        try workspace.seed(["cas"])
        let config = try workspace.config()
        let process = try FuzzdProcess(
            program: Workspace.buildDirectory + "/fuzzd",
            arguments: ["coverage", "--config", config, "--corpus", workspace.corpus, "--json", "report.json"],
            environment: workspace.environment.merging(["FUZZD_SYMBOLIZER": ""]) { $1 }, log: workspace.directory + "/log",
            directory: workspace.directory)
        let result = try process.wait()
        #expect(result.exitCode == 0, "\(result.output)")
        #expect(result.lines(containing: "WARNING:").count == 1)
        #expect(result.output.contains("no llvm-symbolizer") && result.output.contains("FUZZD_SYMBOLIZER"))
        let functions = try functions(try json(workspace.directory + "/report.json"), in: "puzzle-target")
        #expect(functions.keys.contains { $0.contains("magic") }, "names of ELF symbols")
    }

    @Test func aTargetWithoutDebugInformationHasFunctions() throws {
        let workspace = try Workspace()
        try workspace.seed(["cas"])
        let bare = workspace.directory + "/bare"
        let strip = Process()
        strip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        strip.arguments = ["strip", "--strip-debug", Workspace.buildDirectory + "/puzzle-target", "-o", bare]
        try strip.run()
        strip.waitUntilExit()
        #expect(strip.terminationStatus == 0)
        try workspace.write("an earlier one", to: "report.info")
        let config = try workspace.config(program: bare)
        let result = try workspace.run(["coverage", "--config", config, "--corpus", workspace.corpus])
        #expect(result.exitCode == 0 && result.lines(containing: "WARNING:").count == 1, "\(result.output)")
        #expect(result.output.contains("no debug information") && result.output.contains("magic"))
        let refused = try workspace.run(
            ["coverage", "--config", config, "--corpus", workspace.corpus, "--lcov", "report.info"])
        #expect(refused.exitCode == 1 && refused.failures.count == 1 && refused.output.contains("build it with -g"))
        let kept = try String(contentsOfFile: workspace.directory + "/report.info", encoding: .utf8)
        #expect(kept == "an earlier one")
    }

    @Test func whatIsWrongIsOneLineAndNothingIsOverwritten() throws {
        let workspace = try Workspace()
        let config = try workspace.config()
        let page = try workspace.write("an earlier page", to: "page.html")
        let notThere = workspace.directory + "/nowhere"
        let refusals: [(arguments: [String], code: Int32, text: String)] = [
            (["--corpus", workspace.corpus], 3, "no inputs"),
            (["--corpus", notThere], 3, "cannot list directory"),
            (["--corpus", page], 3, "cannot list directory"),
            (["--corpus", "seeds", "--program", notThere], 4, "--program"),
            (["--corpus", "seeds", "--json", notThere + "/report.json"], 8, "there is no directory"),
            (["--corpus", "seeds", "--json", "seeds"], 8, "is a directory"),
        ]
        try FileManager.default.createDirectory(atPath: workspace.directory + "/seeds", withIntermediateDirectories: true)
        try workspace.write("c", to: "seeds/c")
        for refusal in refusals {
            let result = try workspace.run(["coverage", "--config", config, "--html", page] + refusal.arguments)
            #expect(result.exitCode == refusal.code, "\(refusal): \(result.output)")
            #expect(result.failures.count == 1 && result.output.contains(refusal.text), "\(refusal): \(result.output)")
        }
        #expect(try String(contentsOfFile: page, encoding: .utf8) == "an earlier page")
        let bare = try workspace.config(program: "bare-target")
        let result = try workspace.run(["coverage", "--config", bare, "--corpus", "seeds"])
        #expect(result.exitCode == 5 && result.failures.count == 1, "\(result.output)")
    }
}
