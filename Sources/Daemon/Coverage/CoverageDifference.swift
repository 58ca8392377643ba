/// What one corpus reaches and the other does not, both ways. Pure.
package struct CoverageDifference: Sendable, Equatable {
    /// The part of one function that only one of the two reaches.
    package struct Part: Sendable, Equatable {
        /// Index in the map.
        package var function: Int
        /// Whether the other corpus does not reach the function at all.
        package var isWholeFunction: Bool
        /// Indices of its edges in the map that only this corpus reaches.
        package var edges: [Int]
    }

    /// One of the two corpora.
    package struct Side: Sendable, Equatable {
        package var name: String
        package var inputs: Int
        /// Edges that it reaches, and those that only it reaches.
        package var reachedEdges: Int
        package var ownEdges: Int
        /// Functions that only it reaches.
        package var ownFunctions: Int
        /// In the order of the PC tables; functions without a difference are left out.
        package var parts: [Part]
    }

    package var first: Side
    package var second: Side
    package var commonEdges: Int

    package init(map: CoverageMap, first: (name: String, CorpusCoverage), second: (name: String, CorpusCoverage)) {
        self.first = Self.side(map, first.name, first.1, against: second.1)
        self.second = Self.side(map, second.name, second.1, against: first.1)
        commonEdges = self.first.reachedEdges - self.first.ownEdges
    }

    package var isEmpty: Bool { first.ownEdges == 0 && second.ownEdges == 0 }

    private static func side(
        _ map: CoverageMap, _ name: String, _ own: CorpusCoverage, against other: CorpusCoverage
    ) -> Side {
        var side = Side(
            name: name, inputs: own.inputCount, reachedEdges: 0, ownEdges: 0, ownFunctions: 0, parts: [])
        for (index, function) in map.functions.enumerated() {
            let reached = function.edges.filter { own.hits[map.edges[$0].counter] > 0 }
            let only = reached.filter { other.hits[map.edges[$0].counter] == 0 }
            side.reachedEdges += reached.count
            side.ownEdges += only.count
            guard !only.isEmpty else { continue }
            let isWhole = function.edges.allSatisfy { other.hits[map.edges[$0].counter] == 0 }
            if isWhole { side.ownFunctions += 1 }
            side.parts.append(Part(function: index, isWholeFunction: isWhole, edges: only))
        }
        return side
    }
}
