/// What a corpus reaches of a target and what not: by file, by function, by line, and what lies next to the reached.
///
/// Pure: made of a map and of the hits of its counters.
package struct EdgeReport: Sendable, Equatable {
    /// Of how many there are, how many were reached.
    package struct Share: Sendable, Equatable, Codable {
        package var reached = 0
        package var total = 0

        package init(reached: Int = 0, total: Int = 0) {
            self.reached = reached
            self.total = total
        }

        package var ratio: Double { total == 0 ? 0 : Double(reached) / Double(total) }

        mutating func count(_ isReached: Bool) {
            total += 1
            if isReached { reached += 1 }
        }
    }

    /// What was measured.
    package struct Subject: Sendable, Equatable, Codable {
        package var campaign: String
        package var program: String
        package var corpora: [String]
        package var inputs: Int
        package var failedInputs: Int

        package init(campaign: String, program: String, corpora: [String], inputs: Int, failedInputs: Int) {
            self.campaign = campaign
            self.program = program
            self.corpora = corpora
            self.inputs = inputs
            self.failedInputs = failedInputs
        }
    }

    package struct Function: Sendable, Equatable {
        package var name: String
        package var file: String?
        package var line: Int?
        /// Index in the map.
        package var index: Int
        package var edges: Share
        /// Of its entry, summed over the inputs.
        package var hits: UInt64
        package var isReached: Bool { edges.reached > 0 }
    }

    /// The edges of one source line.
    package struct Line: Sendable, Equatable {
        package var number: Int
        package var edges = Share()
        /// Of the edge that was reached most.
        package var hits: UInt64 = 0
    }

    /// One source file. Functions that the compiler inlined everywhere have edges in it, and are no functions of it.
    package struct File: Sendable, Equatable {
        /// As the debug information has it; the program's name where there is none.
        package var path: String
        package var functions = Share()
        package var edges = Share()
        package var lines: [Line] = []
    }

    package var subject: Subject
    package var functions: Share
    package var edges: Share
    /// Edges that only trap and were not reached: they are among `edges`, and not in the frontier.
    package var unreachedTraps: Int
    /// By path.
    package var files: [File]
    /// In the order of the PC tables.
    package var allFunctions: [Function]
    package var frontier: [FrontierRun]
    /// Whether edges have lines; without debug information they have not.
    package var hasSource: Bool

    package init(subject: Subject, map: CoverageMap, coverage: CorpusCoverage) {
        self.subject = subject
        hasSource = map.hasSource
        functions = Share()
        edges = Share()
        allFunctions = map.functions.enumerated().map { index, function in
            var share = Share()
            for edge in function.edges { share.count(coverage.hits[map.edges[edge].counter] > 0) }
            let entry = function.edges.first.map { coverage.hits[map.edges[$0].counter] } ?? 0
            return Function(
                name: function.name, file: function.file, line: function.line, index: index, edges: share, hits: entry)
        }
        for function in allFunctions {
            functions.count(function.isReached)
            edges.reached += function.edges.reached
            edges.total += function.edges.total
        }
        unreachedTraps = map.edges.count { $0.isTrap && coverage.hits[$0.counter] == 0 }
        files = Self.files(map, coverage, allFunctions)
        frontier = FrontierRun.all(map, coverage)
    }

    private static func files(_ map: CoverageMap, _ coverage: CorpusCoverage, _ functions: [Function]) -> [File] {
        var files: [String: File] = [:]
        var lines: [String: [Int: Line]] = [:]
        for function in functions {
            let described = map.functions[function.index]
            let home = described.file ?? described.module
            files[home, default: File(path: home)].functions.count(function.isReached)
            for edge in described.edges.map({ map.edges[$0] }) {
                let path = edge.file ?? home
                let hits = coverage.hits[edge.counter]
                files[path, default: File(path: path)].edges.count(hits > 0)
                guard edge.file != nil, let number = edge.line else { continue }
                lines[path, default: [:]][number, default: Line(number: number)].count(hits)
            }
        }
        return files.values.map { file in
            var file = file
            file.lines = (lines[file.path] ?? [:]).values.sorted { $0.number < $1.number }
            return file
        }.sorted { $0.path < $1.path }
    }
}

extension EdgeReport.Line {
    fileprivate mutating func count(_ hits: UInt64) {
        edges.count(hits > 0)
        self.hits = max(self.hits, hits)
    }
}
