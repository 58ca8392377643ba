import Daemon
import Foundation
import ForkServer
import Storage
import Testing

/// What an earlier start, of this version or an earlier one, left in the artifact directory.
@Suite("Failures of an earlier start", .serialized)
struct KnownFailureTests {
    private func record(_ fixture: CampaignFixture) throws -> (path: String, record: ArtifactRecord) {
        let name = try #require(try fixture.files("artifacts").keys.first { $0.hasPrefix("crash-") && $0.hasSuffix(".json") })
        let path = fixture.directory + "/artifacts/" + name
        let bytes = try #require(FileManager.default.contents(atPath: path))
        return (path, try #require(ArtifactRecord(decoding: Array(bytes))))
    }

    /// - Parameter seeds: two inputs of one failure, so that the second start has one that is not yet an artifact.
    private func secondStart(_ edit: (inout ArtifactRecord) -> Void) throws -> FuzzdExitCode {
        let fixture = try CampaignFixture()
        defer { fixture.remove() }
        try fixture.seed(["T"])
        #expect(try fixture.run(fixture.settings { $0.runs = 0 }) == .crashFound)
        var (path, record) = try record(fixture)
        edit(&record)
        try Data(record.encoded()).write(to: URL(fileURLWithPath: path))
        try fixture.seed(["Tx"])
        return try fixture.run(fixture.settings { $0.runs = 0 })
    }

    @Test func isNotAnnouncedAgain() throws {
        var signature = ""
        #expect(try secondStart { signature = $0.signature } == .success)
        #expect(signature.contains(" at +0x"), "\(signature)")
    }

    /// Earlier versions named functions alone: the record's stack tells which check it was.
    @Test func isKnownByARecordOfAnEarlierVersion() throws {
        #expect(try secondStart { $0.signature = Signature.withoutSite($0.signature) } == .success)
    }

    @Test func anotherCheckOfTheSameFunctionIsNew() throws {
        let code = try secondStart { record in
            record.signature = Signature.withoutSite(record.signature)
            // As if it had failed at the function's start.
            record.stack[0].offset -= 1
            for index in record.stack.indices where index > 0 && record.stack[index - 1].inlined == true {
                record.stack[index].offset -= 1
            }
        }
        #expect(code == .crashFound)
    }
}
