import Foundation
import Testing

/// One row of `Tests/Puzzles/puzzles.json`: how a harness is built and run, and what must come of it.
struct Puzzle: Codable, Sendable, CustomTestStringConvertible {
    var name: String
    /// File in `Tests/Puzzles`.
    var source: String
    /// Value for `-fsanitize=`, besides the instrumentation: `address`, `memory`, …
    var sanitizer: String?
    /// Instrumentation instead of `-fsanitize=fuzzer`.
    var instrumentation: [String]?
    var flags: [String]?
    /// How `shared-part.c` comes in, if at all.
    var library: Library?
    /// The harness has a `main` that calls `LLVMFuzzerRunDriver`.
    var hasOwnMain: Bool?

    /// Value for `-runs=`: within so many inputs it must be found, or not be found.
    var runs: Int?
    var arguments: [String]?
    var environment: [String: String]?
    /// Texts of corpus files; a character is a byte.
    var seeds: [String]?
    /// A corpus file made of so many bytes `Z`.
    var largeSeedBytes: Int?
    /// Lines of a dictionary.
    var dictionary: [String]?
    /// Regular expression that no file of the corpus may match afterwards.
    var neverInCorpus: String?

    var expect: Expectation
    /// What libFuzzer does, where it is something else; `difference` says why.
    var libFuzzer: Expectation?
    var difference: String?
    /// What does not work yet under `fork`: the puzzle may fail, and its failure is listed as known.
    var knownIssue: String?
    /// Running the artifact alone ends with the same code, unless this is false.
    var reproduces: Bool?

    enum Library: String, Codable {
        case linked, opened
    }

    struct Expectation: Codable {
        var exit: Int32
        /// Kind of the one artifact that must be there: its name begins with `crash`, `leak`, `timeout`, `oom`; none if absent.
        var artifact: String?
        /// Regular expressions that the output must match.
        var output: [String]?
        /// Regular expressions that it must not match.
        var absent: [String]?
        /// When the run is ended from outside, with code 124; many times what it takes, unless that is what is expected.
        var seconds: Int?
    }

    var testDescription: String { name }
}

/// Which fuzzer a puzzle is linked with.
enum Engine: String, CaseIterable {
    case fuzzd, libFuzzer

    func expectation(of puzzle: Puzzle) -> Puzzle.Expectation {
        self == .libFuzzer ? puzzle.libFuzzer ?? puzzle.expect : puzzle.expect
    }
}

/// The table of puzzles.
enum PuzzleTable {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let directory = root + "/Tests/Puzzles"

    /// All puzzles, or those that the environment variable `PUZZLES` names, separated by spaces.
    static let selected: [Puzzle] = {
        let all = (try? load()) ?? []
        guard let names = ProcessInfo.processInfo.environment["PUZZLES"]?.split(separator: " ").map(String.init),
            !names.isEmpty
        else { return all }
        return all.filter { names.contains($0.name) }
    }()

    static func load() throws -> [Puzzle] {
        let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/puzzles.json"))
        return try JSONDecoder().decode([Puzzle].self, from: data)
    }
}
