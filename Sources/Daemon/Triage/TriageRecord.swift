import Foundation
import ForkServer
import Storage

/// What triage found out about one artifact: the contents of the `.triage.json` beside it. It is made anew when the target,
/// its limits or the symboliser are others than those that it was made with.
package struct TriageRecord: Codable, Sendable, Equatable {
    package static let suffix = ".triage.json"
    /// 2: signatures have what is compared beside the functions.
    package static let formatNumber = 2

    package var format = TriageRecord.formatNumber
    package var signature: CrashSignature
    /// Whether the failure that is counted is the one of the artifact's own record.
    package var isAsRecorded: Bool
    package var tally: RunTally
    package var cause: FlakyCause?
    package var stack: [ArtifactFrame]
    /// The sanitizer's report, symbolised.
    package var report: [String]?
    /// Whether `llvm-symbolizer` was there.
    package var isSymbolized: Bool
    /// What was run, as a number: see `stamp(of:)`.
    package var target: String
    package var triagedAt: Date

    /// Whether none of the runs showed the failure, nor a replay of earlier inputs.
    package var isGone: Bool { tally.same == 0 && cause?.kind != .state }

    package var label: String { isGone ? "gone 0/\(tally.runs)" : tally.label }

    /// Equal for equal programs, arguments and limits; changes when the program is built anew.
    package static func stamp(of target: TargetConfiguration) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: target.program)
        let size = (attributes?[.size] as? Int) ?? 0
        let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let environment = target.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let limits = target.limits
        let text = [
            target.program, "\(size)", "\(date)", target.arguments.joined(separator: "\0"), environment.joined(separator: "\0"),
            "\(limits.inputTimeoutMicroseconds) \(limits.operationTimeoutMicroseconds) \(limits.memoryBytes) \(limits.mallocBytes)",
        ]
        return inputName(of: Array(text.joined(separator: "\n").utf8))
    }

    package func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        // Every field is a plain value; nothing in them can fail to encode.
        do { return Array(try encoder.encode(self)) + [10] } catch { preconditionFailure("triage record: \(error)") }
    }

    /// `nil` where the bytes are not such a record, or one of another format: it is made anew then.
    package init?(decoding bytes: [UInt8]) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        guard let record = try? decoder.decode(Self.self, from: Data(bytes)), record.format == Self.formatNumber else { return nil }
        self = record
    }

    package init(
        signature: CrashSignature, isAsRecorded: Bool, tally: RunTally, cause: FlakyCause?, stack: [ArtifactFrame],
        report: [String]?, isSymbolized: Bool, target: String, triagedAt: Date
    ) {
        self.signature = signature
        self.isAsRecorded = isAsRecorded
        self.tally = tally
        self.cause = cause
        self.stack = stack
        self.report = report
        self.isSymbolized = isSymbolized
        self.target = target
        self.triagedAt = triagedAt
    }
}
