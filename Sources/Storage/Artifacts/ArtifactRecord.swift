import Foundation

/// Why an input is an artifact; the raw value is the file name's prefix, as in libFuzzer.
package enum ArtifactKind: String, Codable, Sendable, CaseIterable {
    case crash
    case timeout
    case outOfMemory = "oom"
    case leak
}

/// One line of a crash's backtrace.
package struct ArtifactFrame: Codable, Sendable, Equatable {
    /// Path of the program or library.
    package var module: String
    /// Offset of the instruction in the module's file, in bytes.
    package var offset: UInt64
    package var symbol: String?
    /// Path of the source file; with line and column where there is debug information.
    package var file: String?
    package var line: Int?
    package var column: Int?
    /// Whether the function was inlined into that of the next line.
    package var inlined: Bool?

    package init(
        module: String, offset: UInt64, symbol: String? = nil, file: String? = nil, line: Int? = nil, column: Int? = nil,
        inlined: Bool? = nil
    ) {
        self.module = module
        self.offset = offset
        self.symbol = symbol
        self.file = file
        self.line = line
        self.column = column
        self.inlined = inlined
    }
}

/// What is known about an artifact: the contents of the `.json` beside it (keys in snake case).
package struct ArtifactRecord: Codable, Sendable, Equatable {
    package var kind: ArtifactKind
    /// What makes the finding unique (its stack); empty where there is none, as for most timeouts.
    package var signature: String
    package var signal: Int32?
    package var signalName: String?
    /// The target's last words: a trap's message, an assertion.
    package var message: String?
    package var stack: [ArtifactFrame]
    /// Size of the input in bytes.
    package var size: Int
    package var harness: String
    /// Path of the campaign's configuration file.
    package var config: String
    package var seed: UInt64
    /// Shell command that runs the artifact again.
    package var reproduce: String
    /// Whether it happened again when it was re-run.
    package var verified: Bool
    package var firstSeen: Date
    /// Executions of the campaign when it was found.
    package var executions: UInt64
    /// How often this signature has been seen.
    package var count: UInt64
    /// The end of what the child printed.
    package var output: String
    /// Lines of the sanitizer's report, symbolised; `nil` where no sanitizer reported.
    package var report: [String]?
    /// Program and arguments that found it, on one line; `nil` in records of earlier versions.
    package var target: String?

    package init(
        kind: ArtifactKind, signature: String, signal: Int32? = nil, signalName: String? = nil,
        message: String? = nil, stack: [ArtifactFrame] = [], size: Int, harness: String, config: String,
        seed: UInt64, reproduce: String, verified: Bool = false, firstSeen: Date, executions: UInt64,
        count: UInt64 = 1, output: String = "", report: [String]? = nil
    ) {
        self.report = report
        self.kind = kind
        self.signature = signature
        self.signal = signal
        self.signalName = signalName
        self.message = message
        self.stack = stack
        self.size = size
        self.harness = harness
        self.config = config
        self.seed = seed
        self.reproduce = reproduce
        self.verified = verified
        self.firstSeen = firstSeen
        self.executions = executions
        self.count = count
        self.output = output
    }
}

extension ArtifactRecord {
    /// The record as the bytes of its file: readable, keys sorted, equal records give equal bytes.
    package func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        do { return Array(try encoder.encode(self)) + [10] } catch {
            // Every field is a plain value; nothing in them can fail to encode.
            preconditionFailure("artifact record: \(error)")
        }
    }

    /// `nil` where the bytes are not a record.
    package init?(decoding bytes: [UInt8]) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        guard let record = try? decoder.decode(Self.self, from: Data(bytes)) else { return nil }
        self = record
    }
}
