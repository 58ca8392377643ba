import Foundation
import Testing

/// `fuzzd` as a program: started, talked to, killed. One after the other, because they share the processors.
@Suite("End to end", .serialized)
enum EndToEnd {}

extension EndToEnd {
    /// "Bad input" of a user: each has one clear line and a documented exit code.
    @Suite("Bad corpus", .serialized)
    struct BadCorpusTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func expectFailure(
            _ result: FuzzdResult, _ code: Int32, _ texts: [String],
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(result.exitCode == code, "\(result.output)", sourceLocation: sourceLocation)
            #expect(result.failures.count == 1, "\(result.output)", sourceLocation: sourceLocation)
            for text in texts {
                #expect(
                    result.failures.first?.contains(text) == true, "\(result.output)",
                    sourceLocation: sourceLocation)
            }
        }

        @Test func anUnreadableFirstCorpus() throws {
            // Permission bits do not bind root; a path below a file is unreadable to everybody.
            try workspace.write("", to: "file")
            let path = workspace.directory + "/file/corpus"
            let result = try workspace.run([
                "start", "--config", workspace.config(), "--corpus", path, "--runs", "10",
            ])
            expectFailure(result, 3, [path, "Not a directory"])
        }

        @Test func anUnreadableSecondCorpus() throws {
            let path = workspace.directory + "/absent"
            let result = try workspace.runCampaign(workspace.config(), ["--corpus", path, "--runs", "10"])
            expectFailure(result, 3, [path, "No such file or directory"])
        }

        @Test func aFileInThePlaceOfACorpus() throws {
            let path = try workspace.write("an input", to: "input")
            let result = try workspace.run([
                "start", "--config", workspace.config(), "--corpus", path, "--runs", "10",
            ])
            expectFailure(result, 3, [path, "directory"])
        }

        @Test func aDirectoryInThePlaceOfAFile() throws {
            let directory = workspace.corpus
            expectFailure(
                try workspace.run(["start", "--config", directory, "--corpus", directory]), 2,
                [directory, "Is a directory"])
            expectFailure(
                try workspace.runCampaign(workspace.config(), ["--dict", directory]), 2, [directory])
            expectFailure(
                try workspace.run(["reproduce", "--config", workspace.config(), directory]), 3,
                [directory, "directory"])
        }

        @Test func anArtifactThatIsNotThere() throws {
            let path = workspace.directory + "/crash-none"
            expectFailure(
                try workspace.run(["reproduce", "--config", workspace.config(), path]), 3,
                [path, "no such file"])
        }

        @Test func anEmptyCorpusIsSaidAndFuzzed() throws {
            let result = try workspace.runCampaign(workspace.config(), ["--runs", "2000"])
            #expect(result.exitCode == 0 || result.exitCode == 77, "\(result.output)")
            #expect(result.lines(containing: "starting from an empty corpus").count == 1, "\(result.output)")
            #expect(try workspace.files("corpus").count > 0, "inputs were found")
        }

        @Test func anEmptyCorpusCannotBeCompared() throws {
            let result = try workspace.run(
                ["compare", "--config", workspace.config(), "--corpus", workspace.corpus])
            expectFailure(result, 3, [workspace.corpus, "no inputs"])
        }

        @Test func anInputOfOneGibibyteIsCutWithOneWarning() throws {
            let path = try workspace.write("c", to: "corpus/huge")
            #expect(truncate(path, 1 << 30) == 0)
            let result = try workspace.runCampaign(workspace.config(), ["--runs", "100", "--ignore-findings"])
            #expect(result.exitCode == 0, "\(result.output)")
            let warnings = result.lines(containing: "WARNING")
            #expect(warnings.count == 1, "\(result.output)")
            #expect(warnings.first?.contains(path) == true)
            #expect(warnings.first?.contains("1073741824 bytes") == true)
            #expect(result.seconds < 20, "it took \(result.seconds) s")
        }

        @Test func corpusFilesThatAreDeletedMeanwhile() throws {
            try workspace.seed(["c", "x", "longer-than-the-rest"])
            let daemon = try workspace.start([
                "start", "--config", workspace.config(), "--corpus", workspace.corpus,
            ])
            try daemon.waitForOutput("INITED")
            for name in try workspace.files("corpus").keys {
                try? FileManager.default.removeItem(atPath: workspace.corpus + "/" + name)
            }
            daemon.kill(SIGINT)
            let result = try daemon.wait()
            #expect(result.exitCode == 0 || result.exitCode == 77, "\(result.output)")
            #expect(result.failures.isEmpty)
            #expect(result.output.contains("campaign  puzzle"), "there is a summary")
        }

        @Test func aCorpusDirectoryThatIsDeletedMeanwhile() throws {
            let daemon = try workspace.start([
                "start", "--config", workspace.config(), "--corpus", workspace.corpus,
            ])
            try daemon.waitForOutput("READ")
            try FileManager.default.removeItem(atPath: workspace.corpus)
            try daemon.waitForOutput("WARNING")
            daemon.kill(SIGINT)
            let result = try daemon.wait()
            expectFailure(result, 8, [workspace.corpus, "could not be written"])
            #expect(result.lines(containing: "WARNING").count == 1, "\(result.output)")
        }

        @Test func twoDaemonsOnOneCorpus() throws {
            let first = try workspace.start([
                "start", "--config", workspace.config(), "--corpus", workspace.corpus,
            ])
            try first.waitForOutput("READ")
            let second = try workspace.runCampaign(workspace.config())
            expectFailure(second, 7, [workspace.corpus, "process \(first.processID)"])
            first.kill(SIGINT)
            #expect(try first.wait().failures.isEmpty)
        }
    }
}
