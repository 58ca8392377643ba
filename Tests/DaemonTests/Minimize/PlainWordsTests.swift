import Daemon
import Fuzzing
import Testing

/// Command lines that are read without the command line's parser.
@Suite("Plain words of minimize")
struct PlainWordsTests {
    private func options(_ line: String) -> MinimizeOptions? {
        MinimizeOptions(plainWords: line.split(separator: " ").map(String.init))
    }

    @Test func flagsAndTheArtifact() {
        #expect(options("--config a.yaml crash-1") == MinimizeOptions(configPath: "a.yaml", artifactPath: "crash-1"))
        #expect(
            options("crash-1 --config b.yaml --config a.yaml -o out")
                == MinimizeOptions(configPath: "a.yaml", artifactPath: "crash-1", outputPath: "out"))
        let all = "--config a.yaml --workers 2 --runs 9 --max-total-time 8 --seed 7 --format bytes --repeat 5 --output out crash-1"
        #expect(
            options(all)
                == MinimizeOptions(
                    configPath: "a.yaml", artifactPath: "crash-1", outputPath: "out", workers: 2, runs: 9, maxTotalTimeSeconds: 8,
                    seed: 7, format: .bytes, repeats: 5))
    }

    @Test(
        arguments: [
            "", "crash-1", "--config a.yaml", "--config a.yaml crash-1 crash-2", "--config=a.yaml crash-1", "--config", "--help",
            "--config a.yaml -- crash-1", "--config a.yaml -x crash-1", "--config a.yaml crash-1 -o", "--config a.yaml -o -x crash-1",
            "--config a.yaml --workers 0 crash-1", "--config a.yaml --workers 65 crash-1", "--config a.yaml --workers two crash-1",
            "--config a.yaml --repeat 1001 crash-1", "--config a.yaml --runs -1 crash-1", "--config a.yaml --format text crash-1",
        ])
    func allElseIsForTheParser(line: String) {
        #expect(options(line) == nil)
    }

    @Test func anEmptyWordIsForTheParser() {
        #expect(MinimizeOptions(plainWords: ["--config", "", "crash-1"]) == nil)
        #expect(MinimizeOptions(plainWords: ["--config", "a.yaml", ""]) == nil)
    }
}

/// When an artifact needs no further runs.
@Suite("Decided artifacts")
struct DecidedArtifactTests {
    private let crash = Outcome.crashed(signature: "one")

    @Test func fiveEqualFailuresDecide() {
        #expect(MinimizeRunner.isDecided([crash, crash, crash, crash, crash]))
        #expect(MinimizeRunner.isDecided([.timedOut, .timedOut, .timedOut, .timedOut, .timedOut]))
    }

    @Test func nothingElseDoes() {
        #expect(!MinimizeRunner.isDecided([]))
        #expect(!MinimizeRunner.isDecided([crash, crash, crash, crash]))
        #expect(!MinimizeRunner.isDecided([crash, crash, .passed, crash, crash]))
        #expect(!MinimizeRunner.isDecided([crash, crash, crash, crash, .crashed(signature: "other")]))
        #expect(!MinimizeRunner.isDecided([.passed, .passed, .passed, .passed, .passed]))
    }
}
