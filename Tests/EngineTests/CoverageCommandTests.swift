import Foundation
import Testing

/// `fuzzd coverage` on a harness in C whose coverage is known: which function each input runs, and nothing else.
@Suite("Coverage of a harness")
struct CoverageCommandTests {
    /// A config and a corpus for a harness: four inputs that pass, one that crashes.
    private func campaign(_ program: String, _ name: String) throws -> (config: String, corpus: String) {
        let directory = Toolchain.scratch("coverage-" + name)
        try FileManager.default.createDirectory(atPath: directory + "/corpus", withIntermediateDirectories: true)
        for (index, input) in ["P", "P1", "P2", "x", "C"].enumerated() {
            try Data(input.utf8).write(to: URL(fileURLWithPath: directory + "/corpus/\(index)"))
        }
        let config = directory + "/campaign.yaml"
        let text = "name: counted\ntarget:\n  program: \(program)\nlimits:\n  operation_timeout_microseconds: 0\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: config))
        return (config, directory + "/corpus")
    }

    private func fuzzd(_ arguments: [String]) -> (status: Int32, output: String) {
        Toolchain.run(Toolchain.fuzzd, ["coverage"] + arguments)
    }

    private func json(_ path: String) throws -> [String: Any] {
        let data = try #require(FileManager.default.contents(atPath: path))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func edgesByFunctionAndLine() throws {
        let (config, corpus) = try campaign(try Toolchain.harness("counted.c", as: "counted-edges"), "edges")
        let (report, tracefile) = (Toolchain.scratch("edges.json"), Toolchain.scratch("edges.info"))
        let result = fuzzd(["--config", config, "--corpus", corpus, "--json", report, "--lcov", tracefile])
        #expect(result.status == 0 && result.output.contains("5 inputs, 1 of them failed"), "\(result.output)")
        let files = try #require(try json(report)["files"] as? [[String: Any]])
        let file = try #require(files.first { ($0["path"] as? String)?.hasSuffix("counted.c") == true }, "\(files)")
        // The compiler puts no counter into a function that only ends the process.
        #expect((file["functions"] as? [String: Int]) == ["reached": 2, "total": 3])
        let hits = Dictionary(
            uniqueKeysWithValues: try #require(file["function_list"] as? [[String: Any]]).map {
                ($0["name"] as? String ?? "", $0["hits"] as? Int ?? -1)
            })
        #expect(hits == ["function_passed": 3, "function_hung": 0, "LLVMFuzzerTestOneInput": 5])
        let source = try String(contentsOfFile: Toolchain.root + "/Tests/EngineTests/Harnesses/counted.c", encoding: .utf8)
        let lines = try #require(file["lines"] as? [[String: Any]])
        for (letter, expected) in [("P", 3), ("C", 1), ("H", 0)] {
            let number = source.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("case '\(letter)'") }
            let line = lines.first { $0["line"] as? Int == number.map { $0 + 1 } }
            #expect(line?["hits"] as? Int == expected, "case '\(letter)': \(lines)")
        }
        let text = try String(contentsOfFile: tracefile, encoding: .utf8)
        #expect(text.contains("FNDA:3,function_passed\n") && text.contains("FNDA:0,function_hung\n"), "\(text)")
    }

    @Test func sourceCoverageIsLLVMsReport() throws {
        let program = try Toolchain.harness(
            "counted.c", ["-fprofile-instr-generate", "-fcoverage-mapping"], as: "counted-source")
        let (config, corpus) = try campaign(program, "source")
        let (report, tracefile) = (Toolchain.scratch("source.json"), Toolchain.scratch("source.info"))
        let pages = Toolchain.scratch("pages")
        let result = fuzzd(
            ["--config", config, "--corpus", corpus, "--json", report, "--lcov", tracefile, "--html", pages])
        #expect(result.status == 0 && result.output.contains("5 inputs, 1 of them failed"), "\(result.output)")
        #expect(result.output.contains("counted.c") && result.output.contains("TOTAL"))
        let data = try #require(try json(report)["data"] as? [[String: Any]])
        let counts = Dictionary(
            uniqueKeysWithValues: try #require(data.first?["functions"] as? [[String: Any]]).map {
                ($0["name"] as? String ?? "", $0["count"] as? Int ?? -1)
            })
        #expect(counts["function_passed"] == 3 && counts["function_crashed"] == 1 && counts["function_hung"] == 0, "\(counts)")
        #expect(try String(contentsOfFile: tracefile, encoding: .utf8).contains("FNDA:3,function_passed"))
        #expect(FileManager.default.fileExists(atPath: pages + "/index.html"))
        // The second time it takes the place of the first; a directory of something else stays.
        #expect(fuzzd(["--config", config, "--corpus", corpus, "--html", pages]).status == 0)
        let refused = fuzzd(["--config", config, "--corpus", corpus, "--html", corpus])
        #expect(refused.status == 8 && refused.output.contains("other things"), "\(refused.output)")
        let single = Toolchain.scratch("source.html")
        #expect(fuzzd(["--config", config, "--corpus", corpus, "--html", single]).status == 0)
        #expect(try String(contentsOfFile: single, encoding: .utf8).contains("function_hung"))
        let edges = fuzzd(["--config", config, "--corpus", corpus, "--edges"])
        #expect(edges.status == 0 && edges.output.contains("functions ") && !edges.output.contains("TOTAL"), "\(edges.output)")
    }
}
