import Daemon
import Testing

@Suite struct DisplayLogTests {
    /// Lines that libFuzzer of LLVM 21 printed, with what they say taken apart.
    @Test func linesAreLibFuzzersToTheCharacter() {
        var status = DisplayFixtures.status()
        status.executions = 12439
        status.edgesCovered = 5
        status.features = 5
        status.corpusCount = 4
        status.corpusBytes = 10
        status.lengthLimitBytes = 122
        status.averageExecutionsPerSecond = 0
        status.residentMebibytes = 28
        let kept = KeptInput(
            sizeBytes: 3, largestBytes: 3, mutations: ["CMP"], dictionaryWords: [[0x55, 0]])
        #expect(
            LibFuzzerLine.stats(word: "NEW", status: status, kept: kept)
                == "#12439\tNEW    cov: 5 ft: 5 corp: 4/10b lim: 122 exec/s: 0 rss: 28Mb L: 3/3 MS: 1 CMP- "
                + "DE: \"U\\000\"-")
        let reduced = KeptInput(sizeBytes: 3, largestBytes: 3, mutations: ["CrossOver", "EraseBytes"])
        #expect(
            LibFuzzerLine.stats(word: "REDUCE", status: status, kept: reduced)
                == "#12439\tREDUCE cov: 5 ft: 5 corp: 4/10b lim: 122 exec/s: 0 rss: 28Mb L: 3/3 MS: 2 "
                + "CrossOver-EraseBytes-")
        #expect(
            LibFuzzerLine.stats(word: "INITED", status: status)
                == "#12439\tINITED cov: 5 ft: 5 corp: 4/10b exec/s: 0 rss: 28Mb")
        #expect(
            LibFuzzerLine.stats(word: "DONE", status: status)
                == "#12439\tDONE   cov: 5 ft: 5 corp: 4/10b lim: 122 exec/s: 0 rss: 28Mb")
        #expect(LibFuzzerLine.stats(word: "pulse", status: status).hasPrefix("#12439\tpulse  cov: 5 "))
        #expect(LibFuzzerLine.done(runs: 1000, seconds: 0.9) == "Done 1000 runs in 0 second(s)")
    }

    @Test func theHeaderIsLibFuzzers() {
        #expect(
            LibFuzzerLine.header(DisplayFixtures.start()) == [
                "INFO: Running with entropic power schedule (0xFF, 100).",
                "INFO: Seed: 42",
                "INFO: Loaded 1 modules   (14 inline 8-bit counters): 14 [0x1fc0, 0x1fce), ",
                "INFO: Loaded 1 PC tables (14 PCs): 14 [0x1fd0,0x20b0), ",
                "INFO:        1 files found in c2",
                "INFO: -max_len is not provided; fuzzd will not generate inputs larger than 4096 bytes",
            ])
    }

    @Test(arguments: [
        (0, "0b"), (16383, "16383b"), (16384, "16Kb"), ((1 << 24) - 1, "16383Kb"), (1 << 24, "16Mb"),
    ])
    func corpusSizes(bytes: Int, text: String) {
        #expect(LibFuzzerLine.corpusSize(bytes) == text)
    }

    @Test func moreThanTenMutationsAreCountedButNotNamed() {
        let text = LibFuzzerLine.mutationSequence(Array(repeating: "ChangeBit", count: 12))
        #expect(text.hasPrefix("MS: 12 "))
        #expect(text.split(separator: "-").count == 10)
    }

    @Test func aFindingHasTheLinesThatPeopleSearchFor() {
        let output = RecordedOutput()
        let log = PlainLog(output: output)
        log.started(DisplayFixtures.start())
        output.text = ""
        log.event(
            .artifact(
                ArtifactReport(
                    artifact: DisplayFixtures.crash, processID: 99, error: "deadly signal: SIGSEGV",
                    stack: ["0x10 in f", "0x20 in g"], mutations: ["ChangeBit"], baseUnit: "0eb8",
                    input: Array("FUZ\n".utf8))), status: DisplayFixtures.status())
        #expect(
            output.text == """
                ==99== ERROR: fuzzd: deadly signal: SIGSEGV
                    #0 0x10 in f
                    #1 0x20 in g

                SUMMARY: fuzzd: deadly signal: SIGSEGV in VirtioBlk.handleRequest
                MS: 1 ChangeBit-; base unit: 0eb8
                0x46,0x55,0x5a,0xa,
                FUZ\\012
                artifact_prefix='./'; Test unit written to ./crash-8eccd06d32107e745371bffed5a3886ed42b7986
                Base64: RlVaCg==
                reproduce: fuzzd reproduce --config configs/virtio-blk-bugs.yaml \
                ./crash-8eccd06d32107e745371bffed5a3886ed42b7986

                """)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ])
    func base64HasTheVectorsOfRFC4648(text: String, expected: String) {
        let report = ArtifactReport(
            artifact: DisplayFixtures.crash, processID: 1, error: "x", input: Array(text.utf8))
        #expect(FindingReport.lines(report, artifactPrefix: "./").contains("Base64: " + expected))
    }

    @Test func largeInputsAreNotPrinted() {
        let report = ArtifactReport(
            artifact: DisplayFixtures.crash, processID: 1, error: "x", input: Array(repeating: 0, count: 257))
        #expect(!FindingReport.lines(report, artifactPrefix: "./").contains { $0.hasPrefix("Base64") })
    }

    @Test func whatTheTargetSaidCannotSteerTheTerminal() {
        let output = RecordedOutput()
        PlainLog(output: output).event(.warning("a\u{1B}[2Jb\nc"), status: DisplayFixtures.status())
        #expect(output.text == "WARNING: a?[2Jb?c\n")
    }

    @Test func theSummaryNamesArtifactsAndTheirCommands() {
        let summary = CampaignSummary(
            status: DisplayFixtures.status(), reason: "interrupted", artifacts: [DisplayFixtures.crash],
            corpusDirectory: "corpus")
        #expect(
            SummaryText.lines(summary).joined(separator: "\n") == """

                campaign  virtio-blk-bugs (virtio-blk, fork, 2 workers): interrupted
                ran       1,234,567 inputs and 98,765,432 operations in 1 h 02 min (332 exec/s), seed 42
                coverage  1234 of 7431 edges, 4567 features
                corpus    312 inputs, 45.2 KiB, in corpus
                overhead  3.1 % of the time was not the target's
                ended     57 crash, 4 input timeout, 1 operation timeout
                artifacts 2 crash, 1 timeout
                  ./crash-8eccd06d32107e745371bffed5a3886ed42b7986
                    SIGSEGV in VirtioBlk.handleRequest
                    fuzzd reproduce --config configs/virtio-blk-bugs.yaml \
                ./crash-8eccd06d32107e745371bffed5a3886ed42b7986
                """)
    }
}
