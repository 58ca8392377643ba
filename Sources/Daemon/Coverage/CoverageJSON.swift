import Foundation

/// The JSON forms of coverage reports, for scripts: keys in snake case and sorted, ending in a line feed. Described in
/// `docs/coverage.md`.
package enum CoverageJSON {
    private struct Report: Encodable {
        var campaign: String
        var program: String
        var corpora: [String]
        var inputs: Int
        var failedInputs: Int
        var functions: EdgeReport.Share
        var edges: EdgeReport.Share
        var unreachedTraps: Int
        var files: [File]
        var frontier: [Run]
    }

    private struct File: Encodable {
        var path: String
        var functions: EdgeReport.Share
        var edges: EdgeReport.Share
        var lines: [Line]
        var functionList: [Function]
    }

    private struct Line: Encodable {
        var line: Int
        var hits: UInt64
        var edges: EdgeReport.Share
    }

    private struct Function: Encodable {
        var name: String
        var line: Int?
        var hits: UInt64
        var edges: EdgeReport.Share
    }

    private struct Run: Encodable {
        var function: String
        var file: String?
        var line: Int?
        var column: Int?
        var edges: Int
        var neighbourLine: Int?
        var neighbourHits: UInt64
        var neighbourInputs: Int
    }

    private struct Difference: Encodable {
        var commonEdges: Int
        var first: Side
        var second: Side
    }

    private struct Side: Encodable {
        var corpus: String
        var inputs: Int
        var edges: Int
        var edgesOnlyHere: Int
        var functionsOnlyHere: Int
        var functions: [Part]
    }

    private struct Part: Encodable {
        var function: String
        var file: String?
        var line: Int?
        var edges: Int
        var edgesOnlyHere: Int
        var wholeFunction: Bool
        var lines: [Int]
    }

    package static func text(_ report: EdgeReport, _ map: CoverageMap) throws -> String {
        let functions = Dictionary(grouping: report.allFunctions) { $0.file ?? map.functions[$0.index].module }
        let subject = report.subject
        return try encoded(
            Report(
                campaign: subject.campaign, program: subject.program, corpora: subject.corpora, inputs: subject.inputs,
                failedInputs: subject.failedInputs, functions: report.functions, edges: report.edges,
                unreachedTraps: report.unreachedTraps,
                files: report.files.map { file in
                    File(
                        path: file.path, functions: file.functions, edges: file.edges,
                        lines: file.lines.map { Line(line: $0.number, hits: $0.hits, edges: $0.edges) },
                        functionList: (functions[file.path] ?? []).map {
                            Function(name: $0.name, line: $0.line, hits: $0.hits, edges: $0.edges)
                        })
                }, frontier: report.frontier.map { run($0, map) }))
    }

    package static func text(_ difference: CoverageDifference, _ map: CoverageMap) throws -> String {
        try encoded(
            Difference(
                commonEdges: difference.commonEdges, first: side(difference.first, map),
                second: side(difference.second, map)))
    }

    private static func run(_ run: FrontierRun, _ map: CoverageMap) -> Run {
        let edge = map.edges[run.edge]
        return Run(
            function: edge.inlinedFunction ?? map.functions[run.function].name, file: edge.file, line: edge.line,
            column: edge.column, edges: run.count, neighbourLine: map.edges[run.neighbour].line,
            neighbourHits: run.neighbourHits, neighbourInputs: run.neighbourInputs)
    }

    private static func side(_ side: CoverageDifference.Side, _ map: CoverageMap) -> Side {
        Side(
            corpus: side.name, inputs: side.inputs, edges: side.reachedEdges, edgesOnlyHere: side.ownEdges,
            functionsOnlyHere: side.ownFunctions,
            functions: side.parts.map { part in
                let function = map.functions[part.function]
                return Part(
                    function: function.name, file: function.file, line: function.line, edges: function.edges.count,
                    edgesOnlyHere: part.edges.count, wholeFunction: part.isWholeFunction,
                    lines: CoverageDifferenceTable.lines(of: part, map))
            })
    }

    private static func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
