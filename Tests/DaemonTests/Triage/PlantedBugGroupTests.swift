import Daemon
import ForkServer
import Foundation
import Storage
import Testing

/// Stacks of real crashes, of every planted bug and of the bugs put back into QEMU, in all the functions in which campaigns saw them
/// fail (`scripts/record-planted-stacks`): all of one bug are one group, and no two bugs are the same.
@Suite struct PlantedBugGroupTests {
    struct Recorded: Decodable {
        var bug: String
        var kind: ArtifactKind
        var error: String
        var stack: [String]

        var signature: CrashSignature {
            let frames = stack.enumerated().map { StackFrame(modulePath: "/bin/t", offset: UInt64($0.offset), function: $0.element) }
            let report = SanitizerReport(text: "==1==ERROR: AddressSanitizer: \(error) on address 0x1")
            return CrashSignature(
                kind: kind, errorType: error, comparedError: report?.errorType == error ? report?.comparedErrorType : nil, stack: frames,
                isSampled: kind == .timeout || kind == .outOfMemory)
        }
    }

    static func recorded() throws -> [Recorded] {
        let path = #filePath.components(separatedBy: "/Tests/")[0] + "/Tests/PlantedBugStacks.jsonl"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        return try lines.map { try JSONDecoder().decode(Recorded.self, from: Data($0.utf8)) }
    }

    /// Names of the bugs that scripts/prove-planted-bugs finds, and of QEMU's.
    static func names() throws -> Set<String> {
        let root = #filePath.components(separatedBy: "/Tests/")[0]
        let rows = try String(contentsOfFile: root + "/Tests/PlantedBugs.tsv", encoding: .utf8).split(separator: "\n")
        let unfixes = try FileManager.default.contentsOfDirectory(atPath: root + "/scripts/qemu-unfixes")
        return Set(rows.filter { !$0.hasPrefix("#") }.map { String($0.prefix { $0 != "\t" }) })
            .union(unfixes.map { "qemu-" + $0.replacing(".patch", with: "") })
    }

    @Test func everyBugIsRecorded() throws {
        #expect(try Set(Self.recorded().map(\.bug)) == Self.names())
    }

    @Test func allOfOneBugAreOneGroup() throws {
        for (bug, stacks) in Dictionary(grouping: try Self.recorded(), by: \.bug) {
            let texts = Set(stacks.map(\.signature.text))
            #expect(texts.count == 1, "\(bug): \(texts.sorted())")
        }
    }

    @Test func noTwoBugsAreOneGroup() throws {
        for (text, stacks) in Dictionary(grouping: try Self.recorded(), by: \.signature.text) {
            let bugs = Set(stacks.map(\.bug))
            #expect(bugs.count == 1, "\(text): \(bugs.sorted())")
        }
    }
}
