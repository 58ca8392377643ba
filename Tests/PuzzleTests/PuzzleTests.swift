import Foundation
import Testing

/// Small harnesses with known outcomes, each linked with the engine archive and, as a control, with libFuzzer itself.
@Suite("Puzzles")
struct PuzzleTests {
    @Test(.enabled(if: Toolchain.isThere(for: .fuzzd), "needs Debian's clang and scripts/build-engine"),
        arguments: PuzzleTable.selected)
    func underFork(puzzle: Puzzle) throws {
        let problems = try PuzzleRun(puzzle: puzzle, engine: .fuzzd).problems()
        let text = "\(puzzle.name): \(problems.joined(separator: "\n"))"
        if let known = puzzle.knownIssue {
            withKnownIssue("\(known)", isIntermittent: true) { #expect(problems.isEmpty, "\(text)") }
        } else {
            #expect(problems.isEmpty, "\(text)")
        }
    }

    @Test(.enabled(if: Toolchain.isThere(for: .libFuzzer), "needs Debian's clang and libclang-rt-14-dev"),
        arguments: PuzzleTable.selected)
    func underLibFuzzer(puzzle: Puzzle) throws {
        let problems = try PuzzleRun(puzzle: puzzle, engine: .libFuzzer).problems()
        #expect(problems.isEmpty, "\(puzzle.name): \(problems.joined(separator: "\n"))")
    }

    @Test func theTableIsWhole() throws {
        let puzzles = try PuzzleTable.load()
        #expect(puzzles.count >= 40)
        #expect(Set(puzzles.map(\.name)).count == puzzles.count)
        for puzzle in puzzles where (puzzle.libFuzzer != nil) != (puzzle.difference != nil) {
            Issue.record("\(puzzle.name): another outcome under libFuzzer needs a reason, and only then")
        }
        let sources = try FileManager.default.contentsOfDirectory(atPath: PuzzleTable.directory)
            .filter { $0.hasSuffix(".c") || $0.hasSuffix(".cpp") }
        #expect(Set(sources).subtracting(["shared-part.c", FlagPair.source, PlacementTests.source, LeanChildTests.source]) == Set(puzzles.map(\.source)))
    }
}
