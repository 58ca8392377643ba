import Foundation

/// One run of a built puzzle in a directory of its own.
struct PuzzleRun {
    private static let defaultRuns = 20_000
    /// libFuzzer only has to show that it finds it at all: the figure in the table is ours.
    private static let controlRuns = 2_000_000
    private static let patienceSeconds = 90

    let puzzle: Puzzle
    let engine: Engine

    /// What is not as the table says; empty if all is.
    func problems() throws -> [String] {
        let program = try Toolchain.build(puzzle, for: engine)
        let directory = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path
            + "/fuzzd-puzzle-" + UUID().uuidString.prefix(8)
        try prepare(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let result = try run([program] + arguments(), in: directory)
        var problems = check(result)
        problems += leftBehind(in: directory)
        problems += corpusProblems(in: directory)
        let artifacts = self.artifacts(in: directory)
        problems += check(artifacts)
        if problems.isEmpty, let artifact = artifacts.first, puzzle.reproduces ?? true {
            let again = try run([program] + (puzzle.arguments ?? []) + [artifact], in: directory)
            if again.exit != result.exit {
                problems.append("running \(artifact) alone ended with \(again.exit):\n\(excerpt(again.output))")
            }
            problems += leftBehind(in: directory)
        }
        if !problems.isEmpty { problems.append("it took \(result.seconds) s and said:\n\(excerpt(result.output))") }
        return problems
    }

    private var expectation: Puzzle.Expectation { engine.expectation(of: puzzle) }

    private func prepare(_ directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory + "/corpus", withIntermediateDirectories: true)
        for (index, seed) in (puzzle.seeds ?? []).enumerated() {
            let bytes = seed.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            try Data(bytes).write(to: URL(fileURLWithPath: directory + "/corpus/seed\(index)"))
        }
        if let count = puzzle.largeSeedBytes {
            try Data(repeating: UInt8(ascii: "Z"), count: count)
                .write(to: URL(fileURLWithPath: directory + "/corpus/large"))
        }
        if let words = puzzle.dictionary {
            try Data(words.map { $0 + "\n" }.joined().utf8)
                .write(to: URL(fileURLWithPath: directory + "/words.dict"))
        }
    }

    private func arguments() -> [String] {
        let isFoundByControl = engine == .libFuzzer && expectation.artifact != nil
        let runs = isFoundByControl ? Self.controlRuns : puzzle.runs ?? Self.defaultRuns
        var result = ["-seed=1", "-runs=\(runs)"]
        if puzzle.dictionary != nil { result.append("-dict=words.dict") }
        return result + (puzzle.arguments ?? []) + ["corpus"]
    }

    private func run(_ command: [String], in directory: String) throws -> Command.Result {
        var environment = puzzle.environment ?? [:]
        environment["FUZZD"] = Toolchain.fuzzd
        return try Command.run(command, in: directory, environment: environment, seconds: expectation.seconds ?? Self.patienceSeconds)
    }

    private func check(_ result: Command.Result) -> [String] {
        var problems: [String] = []
        if result.exit != expectation.exit { problems.append("exit code \(result.exit), not \(expectation.exit)") }
        for pattern in expectation.output ?? [] where !Self.matches(result.output, pattern) {
            problems.append("the output does not match '\(pattern)'")
        }
        for pattern in expectation.absent ?? [] where Self.matches(result.output, pattern) {
            problems.append("the output matches '\(pattern)'")
        }
        return problems
    }

    private func artifacts(in directory: String) -> [String] {
        let kinds = ["crash-", "leak-", "timeout-", "oom-"]
        return ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
            .filter { name in kinds.contains { name.hasPrefix($0) } }.sorted()
    }

    private func check(_ artifacts: [String]) -> [String] {
        guard let kind = expectation.artifact else {
            // `timeout` continues a stopped program with its own timer and the end both pending: which comes first is chance.
            if expectation.exit == 124 { return [] }
            return artifacts.isEmpty ? [] : ["artifacts where none is due: \(artifacts)"]
        }
        return artifacts.count == 1 && artifacts[0].hasPrefix(kind)
            ? [] : ["artifacts \(artifacts), not one \(kind)…"]
    }

    private func corpusProblems(in directory: String) -> [String] {
        guard let pattern = puzzle.neverInCorpus, engine == .fuzzd else { return [] }
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: directory + "/corpus")) ?? []).sorted()
        return files.filter { name in
            let data = FileManager.default.contents(atPath: directory + "/corpus/" + name) ?? Data()
            return Self.matches(String(decoding: data, as: Unicode.ASCII.self), pattern)
        }.map { "corpus/\($0) matches '\(pattern)'" }
    }

    /// A fuzzer takes its children with it; what libFuzzer leaves behind is only cleared away.
    private func leftBehind(in directory: String) -> [String] {
        var left = Command.processes(in: directory)
        for _ in 0..<20 where !left.isEmpty && engine == .fuzzd {
            usleep(50_000)
            left = Command.processes(in: directory)
        }
        for process in left { kill(process, SIGKILL) }
        return engine == .fuzzd && !left.isEmpty ? ["\(left.count) processes were left behind"] : []
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        text.range(of: pattern, options: .regularExpression) != nil
    }

    private func excerpt(_ text: String) -> String {
        text.utf8.count <= 6000 ? text : text.prefix(2500) + "\n[…]\n" + text.suffix(3000)
    }
}
