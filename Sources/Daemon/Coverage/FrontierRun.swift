/// Edges at the border of what was reached: a run of unreached edges of a reached function, and the reached edge beside it.
///
/// Blocks stand in a PC table in the compiler's order, which mostly is the source's. So the reached edge before a run is most
/// often the branch that was not taken; where a run begins its function, it is the one behind. What branches where is not in
/// the tables.
package struct FrontierRun: Sendable, Equatable {
    /// Index of its first edge in the map.
    package var edge: Int
    /// Edges that follow each other, none of them reached.
    package var count: Int
    /// Index of the reached edge beside it.
    package var neighbour: Int
    /// Hits of that one, summed over the inputs.
    package var neighbourHits: UInt64
    /// Inputs that reached that one.
    package var neighbourInputs: Int
    /// Index of the function in the map.
    package var function: Int

    /// All runs, those whose neighbour was reached most often first; equal ones in the order of the PC tables.
    package static func all(_ map: CoverageMap, _ coverage: CorpusCoverage) -> [FrontierRun] {
        map.functions.indices.flatMap { runs(of: $0, map, coverage) }
            .sorted { ($1.neighbourHits, $0.edge) < ($0.neighbourHits, $1.edge) }
    }

    private static func runs(of function: Int, _ map: CoverageMap, _ coverage: CorpusCoverage) -> [FrontierRun] {
        let edges = map.functions[function].edges
        let isReached = { coverage.hits[map.edges[$0].counter] > 0 }
        guard let first = edges.first(where: isReached) else { return [] }
        var runs: [FrontierRun] = []
        func add(_ run: Range<Int>, beside neighbour: Int) {
            guard !run.isEmpty else { return }
            let counter = map.edges[neighbour].counter
            runs.append(
                FrontierRun(
                    edge: run.lowerBound, count: run.count, neighbour: neighbour, neighbourHits: coverage.hits[counter],
                    neighbourInputs: Int(coverage.inputs[counter]), function: function))
        }
        add(edges.lowerBound..<first, beside: first)
        var reached = first
        for edge in (first + 1)..<(edges.upperBound + 1) where edge == edges.upperBound || isReached(edge) {
            add((reached + 1)..<edge, beside: reached)
            reached = edge
        }
        return runs
    }
}
