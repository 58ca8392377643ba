import Foundation
import Testing

extension EndToEnd {
    /// `fuzzd trace`, `export` and `confirm` of what they are not made for.
    @Suite("Reproducers of other harnesses", .serialized)
    struct ReproducerTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private func run(_ words: [String], _ artifact: String) throws -> FuzzdResult {
            try workspace.run(words + ["--config", workspace.config(), workspace.write(artifact, to: "artifact")])
        }

        /// It logs its accesses as a generic one does.
        @Test func aHarnessThatDoesNotSayItsMachineIsTraced() throws {
            let result = try run(["trace"], "q")
            #expect(result.exitCode == 0, "\(result.output)")
            #expect(result.output.contains("outb 0xcfc 0xe4"), "\(result.output)")
        }

        @Test(arguments: [["export", "--format", "bash", "-o", "script"], ["confirm", "--qemu", "/bin/true", "-o", "script"]])
        func itCannotBeExported(words: [String]) throws {
            let result = try run(words, "q")
            #expect(result.exitCode == 2)
            let line = try #require(result.lines(containing: "fuzzd: ").first)
            #expect(line.contains("only inputs of generic-fuzz harnesses") && line.contains("'fuzzd trace'"), "\(line)")
            #expect(result.output.split(separator: "\n").count == 1, "\(result.output)")
            #expect(try workspace.files("")["script"] == nil)
        }

        @Test(arguments: [["trace"], ["export", "--format", "c"], ["confirm", "--qemu", "/bin/true"]])
        func aHarnessThatLogsNothingIsRefused(words: [String]) throws {
            let result = try run(words, "A")
            #expect(result.exitCode == 2)
            #expect(result.output.contains("its target logs no qtest commands"), "\(result.output)")
        }
    }
}
