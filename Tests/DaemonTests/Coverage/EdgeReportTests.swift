import Daemon
import Testing

@Suite struct EdgeReportTests {
    @Test func hitsAreSummedAndInputsCounted() {
        let coverage = CoverageFixtures.reached
        #expect(coverage.inputCount == 2 && coverage.failedInputCount == 1)
        #expect(coverage.hits[11] == 203 && coverage.inputs[11] == 2)
        #expect(coverage.hits[13] == 4 && coverage.inputs[13] == 1)
        #expect(coverage.hits.count == 30, "counter 500 is a feature and no edge")
    }

    @Test func edgesAreCountedByFunctionAndFile() {
        let report = CoverageFixtures.report()
        #expect(report.functions == EdgeReport.Share(reached: 2, total: 3))
        #expect(report.edges == EdgeReport.Share(reached: 4, total: 11))
        #expect(report.unreachedTraps == 1)
        #expect(report.files.map(\.path) == ["/src/a.c", "/src/b.c", "/src/inline.h"])
        #expect(report.files[0].functions == EdgeReport.Share(reached: 1, total: 2))
        #expect(report.files[0].edges == EdgeReport.Share(reached: 3, total: 7))
        #expect(report.files[2].functions == EdgeReport.Share())
        #expect(report.files[2].edges == EdgeReport.Share(reached: 1, total: 1))
        #expect(report.allFunctions.map(\.hits) == [2, 0, 0], "of the entry")
    }

    @Test func aLineCountsAsOftenAsItsMostFrequentEdge() {
        let lines = CoverageFixtures.report().files[0].lines
        #expect(lines.map(\.number) == [1, 2, 3, 5, 10, 11])
        #expect(lines.map(\.hits) == [2, 203, 4, 0, 0, 0])
        #expect(lines[2].edges == EdgeReport.Share(reached: 1, total: 2))
    }

    @Test func theFrontierGoesByTheHitsOfTheNeighbour() {
        let frontier = CoverageFixtures.report().frontier
        // Line 3's first edge, beside 203 hits; line 5, beside 4; helper's entry and its end, beside the inlined code.
        #expect(frontier.map(\.edge) == [2, 4, 7, 10])
        #expect(frontier.map(\.neighbour) == [1, 3, 8, 8])
        #expect(frontier.map(\.neighbourHits) == [203, 4, 2, 2])
        #expect(frontier.map(\.neighbourInputs) == [2, 1, 1, 1])
        #expect(frontier.map(\.count) == [1, 1, 1, 1], "the trap before helper's end is passed over")
        #expect(frontier.map(\.function) == [0, 0, 2, 2])
    }

    @Test func unreachedEdgesThatFollowEachOtherAreOneRun() {
        let frontier = CoverageFixtures.report(CoverageFixtures.coverage([[(10, 1)]])).frontier
        #expect(frontier.map(\.edge) == [1] && frontier.map(\.count) == [4])
    }

    @Test func aTrapThatWasReachedIsANeighbourLikeAnyOther() {
        let frontier = CoverageFixtures.report(CoverageFixtures.coverage([[(17, 1), (18, 1), (19, 9)]])).frontier
        #expect(frontier.map(\.edge) == [10] && frontier.map(\.neighbourHits) == [9])
    }

    @Test func nothingAndEverythingReachedHaveNoFrontier() {
        #expect(CoverageFixtures.report(CoverageFixtures.coverage([[]])).frontier.isEmpty)
        let all = CoverageFixtures.map.edges.map { ($0.counter, UInt32(1)) }
        let report = CoverageFixtures.report(CoverageFixtures.coverage([all]))
        #expect(report.frontier.isEmpty && report.edges.reached == 11)
    }

    @Test func theDifferenceGoesBothWays() {
        let other = CoverageFixtures.coverage([[(10, 1), (12, 1), (15, 1), (16, 1)]])
        let difference = CoverageDifference(
            map: CoverageFixtures.map, first: ("A", CoverageFixtures.reached), second: ("B", other))
        #expect(difference.commonEdges == 1 && !difference.isEmpty)
        #expect(difference.first.reachedEdges == 4 && difference.first.ownEdges == 3 && difference.first.ownFunctions == 1)
        #expect(difference.first.parts.map(\.function) == [0, 2])
        #expect(difference.first.parts.map(\.edges) == [[1, 3], [8]])
        #expect(difference.first.parts.map(\.isWholeFunction) == [false, true])
        #expect(difference.second.ownEdges == 3 && difference.second.ownFunctions == 1)
        #expect(difference.second.parts.map(\.edges) == [[2], [5, 6]])
        let same = CoverageDifference(map: CoverageFixtures.map, first: ("A", other), second: ("A", other))
        #expect(same.isEmpty && same.commonEdges == 4 && same.first.parts.isEmpty)
    }

    @Test(arguments: [
        ("Machine.(decode in _3882DA42907C6A5DA6D2FB6E8BE9D4BA)(Swift.Int) -> Swift.Int?", "Machine.decode(Int) -> Int?"),
        ("f(int, char (*)(long))", "f(int, char (*)(long))"), ("Swift.(", "("), ("a (b in _1)", "a (b in _1)"), ("", ""),
    ])
    func namesAreReadable(name: String, expected: String) {
        #expect(ReadableName.short(name) == expected)
    }
}
