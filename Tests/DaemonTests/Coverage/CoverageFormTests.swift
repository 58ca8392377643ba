import Daemon
import Dashboard
import Foundation
import Testing

/// The forms of a coverage report: text, JSON, tracefile, page.
@Suite struct CoverageFormTests {
    let report = CoverageFixtures.report()
    let map = CoverageFixtures.map

    @Test func theTableToTheCharacter() {
        let lines = CoverageTable.lines(report, map, sources: CoverageFixtures.Sources())
        #expect(
            lines.joined(separator: "\n") == """
                fixture (/bin/harness): 2 inputs, 1 of them failed
                functions 2 of 3 (66.7 %), edges 4 of 11 (36.4 %); 1 of the unreached are traps of checks

                file      functions           edges
                a.c             1/2   50.0 %    3/7   42.9 %
                b.c             1/1  100.0 %    0/3    0.0 %
                inline.h        0/0        -    1/1  100.0 %
                files are below /src/

                frontier: unreached edges of reached functions, by the hits of the reached edge beside them
                hits  edges  place   function  source
                 203      1  a.c:3   parse     return c & "d";
                   4      1  a.c:5   parse
                   2      1  b.c:20  helper
                   2      1  b.c:22  helper
                """)
    }

    @Test func theDifferenceToTheCharacter() {
        let other = CoverageFixtures.coverage([[(10, 1), (15, 1), (16, 1)]])
        let difference = CoverageDifference(map: map, first: ("A", CoverageFixtures.reached), second: ("B", other))
        #expect(
            CoverageDifferenceTable.lines(difference, map, sources: CoverageFixtures.Sources()).joined(separator: "\n") == """
                corpus  inputs  edges  only here  functions only here
                A            2      4          3                    1
                B            1      3          2                    1
                1 edges are reached by both

                only A reaches
                  edges  function        place   lines
                    2/5  parse           a.c:1   2,3
                    1/4  helper (whole)  b.c:20

                only B reaches
                  edges  function       place   lines
                    2/2  never (whole)  a.c:10  10,11
                """)
    }

    @Test func theTracefileToTheCharacter() {
        #expect(
            CoverageTracefile.text(report) == """
                TN:
                SF:/src/a.c
                FN:1,parse
                FN:10,never
                FNDA:2,parse
                FNDA:0,never
                FNF:2
                FNH:1
                DA:1,2
                DA:2,203
                DA:3,4
                DA:5,0
                DA:10,0
                DA:11,0
                LF:6
                LH:3
                end_of_record
                TN:
                SF:/src/b.c
                FN:20,helper
                FNDA:1,helper
                FNF:1
                FNH:1
                DA:20,0
                DA:21,0
                DA:22,0
                LF:3
                LH:0
                end_of_record
                TN:
                SF:/src/inline.h
                FNF:0
                FNH:0
                DA:7,2
                LF:1
                LH:1
                end_of_record

                """)
    }

    @Test func theJSONForm() throws {
        let text = try CoverageJSON.text(report, map)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["failed_inputs"] as? Int == 1)
        #expect((object["edges"] as? [String: Int]) == ["reached": 4, "total": 11])
        #expect(object["unreached_traps"] as? Int == 1)
        let files = try #require(object["files"] as? [[String: Any]])
        #expect(files.compactMap { $0["path"] as? String } == ["/src/a.c", "/src/b.c", "/src/inline.h"])
        #expect((files[0]["function_list"] as? [[String: Any]])?.count == 2)
        let frontier = try #require(object["frontier"] as? [[String: Any]])
        #expect(frontier.count == 4 && frontier[0]["neighbour_hits"] as? Int == 203 && frontier[0]["line"] as? Int == 3)
        #expect(text.hasSuffix("}\n"))
    }

    @Test func thePageIsOneFileWithoutNetworkOrScripts() {
        let html = report.page(map, sources: CoverageFixtures.Sources()).html
        for word in ["http://", "https://", "<script", "@import", "url(", "src="] { #expect(!html.contains(word), "\(word)") }
        #expect(html.hasPrefix("<!doctype html>") && html.contains("width=device-width"))
        #expect(html.contains("prefers-color-scheme: dark"))
        for text in ["36.4 %", "4 of 11", ">parse<", ">203<", "<code>a.c:3</code>"] { #expect(html.contains(text), "\(text)") }
    }

    @Test func thePageShowsSourceByItsEdges() {
        let html = report.page(map, sources: CoverageFixtures.Sources()).html
        #expect(html.contains("<span class=\"c\"><i>2</i><b>203</b>if (a &lt; b)</span>"))
        #expect(html.contains("<span class=\"p\"><i>3</i><b>4</b>return c &amp; &quot;d&quot;;</span>"))
        #expect(html.components(separatedBy: "<pre class=\"source\">").count == 2, "b.c cannot be read")
    }

    @Test func aTargetWithoutDebugInformationHasFunctions() {
        let bare = CoverageMap(
            edges: [CoverageMap.Edge(counter: 0), CoverageMap.Edge(counter: 1)],
            functions: [CoverageMap.Function(name: "f<int>", module: "harness", edges: 0..<2)])
        let report = EdgeReport(
            subject: EdgeReport.Subject(campaign: "c", program: "p", corpora: [], inputs: 1, failedInputs: 0), map: bare,
            coverage: CoverageFixtures.coverage([[(0, 1)]]))
        #expect(!report.hasSource && report.files.map(\.path) == ["harness"])
        #expect(CoverageTracefile.text(report).isEmpty)
        let html = report.page(bare, sources: CoverageFixtures.Sources()).html
        #expect(html.contains("f&lt;int&gt;") && !html.contains("f<int>"))
    }

    @Test func toolsAreFoundInPairs() {
        let there: Set<String> = [
            "/a/llvm-cov", "/b/llvm-cov", "/b/llvm-profdata", "/b/llvm-cov-14", "/b/llvm-profdata-14", "/c/swift",
            "/c/llvm-cov", "/c/llvm-profdata",
        ]
        let find = { (environment: [String: String]) in
            ProfileTools.all(environment: environment, isProgram: there.contains).map(\.cov)
        }
        #expect(find(["PATH": "/a:/b"]) == ["/b/llvm-cov", "/b/llvm-cov-14"])
        #expect(find(["PATH": "/a"]).isEmpty)
        #expect(find(["PATH": "/b", "FUZZD_LLVM_COV": "/c/llvm-cov"]) == ["/c/llvm-cov"])
        #expect(find(["PATH": "/b", "FUZZD_LLVM_COV": "/nowhere/llvm-cov"]).isEmpty)
        #expect(find(["PATH": "/b", "FUZZD_LLVM_COV": ""]).isEmpty)
    }
}
