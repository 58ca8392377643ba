import Daemon
import Foundation
import Storage

enum TriageFixtures {
    static func record(kind: ArtifactKind = .crash, signature: String = "SIGILL:f<g", size: Int = 3) -> ArtifactRecord {
        var record = ArtifactRecord(
            kind: kind, signature: signature, signal: 11, signalName: kind == .crash ? "SIGSEGV" : nil, size: size, harness: "generic",
            config: "configs/a.yaml", seed: 7, reproduce: "fuzzd reproduce", verified: true,
            firstSeen: Date(timeIntervalSince1970: 1_000_000_000), executions: 42)
        record.stack = [
            ArtifactFrame(module: "/bin/t", offset: 0x10, symbol: "a.f(x: Swift.Int) -> ()", file: "/src/a dir/f.swift", line: 7, column: 3),
            ArtifactFrame(module: "/bin/t", offset: 0x20, symbol: "g"),
        ]
        return record
    }

    static func entry(_ input: [UInt8], _ record: ArtifactRecord?) -> ArtifactFolder.Entry {
        let name = ArtifactStore.name(kind: record?.kind ?? .crash, input: input)
        return ArtifactFolder.Entry(
            name: name, path: "artifacts/" + name, input: input, record: record, problem: record == nil ? .missing : nil, isWhole: true)
    }

    static func triaged(
        _ input: [UInt8], _ record: ArtifactRecord = record(), same: Int = 10, cause: FlakyCause? = nil
    ) -> TriagedArtifact {
        var tally = RunTally([], of: nil)
        tally.runs = 10
        tally.same = same
        tally.passed = 10 - same
        return TriagedArtifact(
            entry: entry(input, record),
            triage: TriageRecord(
                signature: CrashSignature(record), isAsRecorded: true, tally: tally, cause: cause, stack: record.stack, report: nil,
                isSymbolized: true, target: "t", triagedAt: Date(timeIntervalSince1970: 1_000_000_500)))
    }
}
