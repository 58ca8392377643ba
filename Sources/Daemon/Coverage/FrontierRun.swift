/// Edges at the border of what was reached: a run of unreached edges of a reached function, and the reached edge beside it.
///
/// Blocks stand in a PC table in the compiler's order, which mostly is the source's. So the reached edge before a run is most
/// often the branch that was not taken; where a run begins its function, it is the one behind. What branches where is not in
/// the tables. Blocks that only trap are passed over: checks that did not fail, of which Swift code has one a line.
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
        let isReached = { (edge: Int) in coverage.hits[map.edges[edge].counter] > 0 }
        let edges = map.functions[function].edges.filter { isReached($0) || !map.edges[$0].isTrap }
        guard let first = edges.firstIndex(where: isReached) else { return [] }
        var runs: [FrontierRun] = []
        func add(_ run: ArraySlice<Int>, beside neighbour: Int) {
            guard let edge = run.first else { return }
            let counter = map.edges[neighbour].counter
            runs.append(
                FrontierRun(
                    edge: edge, count: run.count, neighbour: neighbour, neighbourHits: coverage.hits[counter],
                    neighbourInputs: Int(coverage.inputs[counter]), function: function))
        }
        add(edges[..<first], beside: edges[first])
        var reached = first
        for position in (first + 1)..<(edges.count + 1) where position == edges.count || isReached(edges[position]) {
            add(edges[(reached + 1)..<position], beside: edges[reached])
            reached = position
        }
        return runs
    }
}
