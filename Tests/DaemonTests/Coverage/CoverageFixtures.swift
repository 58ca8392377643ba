import Daemon

/// A target of three functions in two files, and what a corpus reaches of it. Counters have other numbers than edges, as they
/// do where modules lack PC tables.
enum CoverageFixtures {
    /// `/src/a.c` has `parse` (lines 1 to 5) and `never` (10); `/src/b.c` has `helper`, which begins with an unreached edge, a
    /// check that only traps, and code that was written in `/src/inline.h`.
    static let map = CoverageMap(
        edges: [
            edge(10, "/src/a.c", 1), edge(11, "/src/a.c", 2), edge(12, "/src/a.c", 3), edge(13, "/src/a.c", 3),
            edge(14, "/src/a.c", 5),
            edge(15, "/src/a.c", 10), edge(16, "/src/a.c", 11),
            edge(17, "/src/b.c", 20),
            CoverageMap.Edge(counter: 18, file: "/src/inline.h", line: 7, column: 1, inlinedFunction: "inlined"),
            CoverageMap.Edge(counter: 19, file: "/src/b.c", line: 21, isTrap: true), edge(20, "/src/b.c", 22),
        ],
        functions: [
            CoverageMap.Function(name: "parse", module: "harness", file: "/src/a.c", line: 1, edges: 0..<5),
            CoverageMap.Function(name: "never", module: "harness", file: "/src/a.c", line: 10, edges: 5..<7),
            CoverageMap.Function(name: "helper", module: "harness", file: "/src/b.c", line: 20, edges: 7..<11),
        ])

    private static func edge(_ counter: Int, _ file: String, _ line: Int) -> CoverageMap.Edge {
        CoverageMap.Edge(counter: counter, file: file, line: line, column: 3)
    }

    /// Of inputs, each a list of counters and hits.
    static func coverage(_ inputs: [[(Int, UInt32)]], failing: Set<Int> = []) -> CorpusCoverage {
        var coverage = CorpusCoverage(counterCount: 30)
        for (index, input) in inputs.enumerated() {
            let list = input.map { UInt32($0.0) << 8 | $0.1 }
            list.withUnsafeBufferPointer { coverage.add($0, isFailure: failing.contains(index)) }
        }
        return coverage
    }

    /// `parse` but for line 3's first edge and line 5, and `helper` from the inlined code on.
    static let reached = coverage(
        [[(10, 1), (11, 3), (18, 2)], [(10, 1), (11, 200), (13, 4), (500, 1)]], failing: [1])

    static func report(_ coverage: CorpusCoverage = reached) -> EdgeReport {
        EdgeReport(
            subject: EdgeReport.Subject(
                campaign: "fixture", program: "/bin/harness", corpora: ["corpus"], inputs: coverage.inputCount,
                failedInputs: coverage.failedInputCount),
            map: map, coverage: coverage)
    }

    /// Two lines of one file are there, the others are not.
    struct Sources: SourceLines {
        func line(_ number: Int?, of path: String?) -> String? {
            guard let number, let path, lines(of: path).indices.contains(number - 1) else { return nil }
            return String(lines(of: path)[number - 1])
        }
        func lines(of path: String) -> [Substring] {
            path == "/src/a.c" ? ["int parse(void) {", "if (a < b)", "return c & \"d\";"] : []
        }
        let commonDirectory = "/src/"
        func shown(_ path: String) -> String { path.hasPrefix("/src/") ? String(path.dropFirst("/src/".count)) : path }
    }
}
