import ForkServer
import Storage

/// What two failures have in common when they are one bug: how it ended, and the innermost functions of the symbolised stack
/// that are neither machinery nor the way an access takes to a device. A group of artifacts is those of one signature.
///
/// Made of names alone, no addresses and no lines: the same for another build and a changed file. `DEDUP_TOKEN`, where a
/// sanitizer printed one, takes the place of the names. Signatures are equal where what is compared is; the functions may differ.
package struct CrashSignature: Hashable, Sendable, Codable {
    package var kind: ArtifactKind
    /// `heap-buffer-overflow`, `SIGSEGV`, `SIGILL: Index out of range`, `timeout`. For people.
    package private(set) var errorType: String
    /// What is compared in its place: the same but for a sanitizer's `invalid access`.
    package private(set) var comparedError: String
    /// Functions, innermost first, at most `frameLimit`; empty where nothing is known of the place. For people.
    package private(set) var frames: [String]
    /// What is compared in their place: functions without direction, or a device's type (`AccessPath`).
    package private(set) var place: [String]

    /// Frames that a signature takes: ClusterFuzz's number.
    package static let frameLimit = 3
    /// How Swift's compiler names the frame of a failed check that it inlined.
    private static let swiftFailure = "Swift runtime failure: "

    /// - Parameters:
    ///   - errorType: a signal's name or a sanitizer's error type.
    ///   - stack: symbolised as far as possible, innermost frame first, inlined frames in their places.
    ///   - comparedError: where it is another than `errorType`.
    ///   - token: a sanitizer's `DEDUP_TOKEN`.
    ///   - isSampled: the stack is what samples of a hang had in common. How far it reaches into what the loop calls is then a
    ///     matter of chance, so the outermost functions inside the device count.
    package init(
        kind: ArtifactKind, errorType: String, comparedError: String? = nil, stack: [StackFrame], token: String? = nil,
        isSampled: Bool = false
    ) {
        self.kind = kind
        self.errorType = errorType
        self.comparedError = comparedError ?? errorType
        if let token {
            frames = [token]
            place = [token]
            return
        }
        if let failure = stack.first?.function, failure.hasPrefix(Self.swiftFailure) {
            self.errorType += ": " + failure.dropFirst(Self.swiftFailure.count)
            self.comparedError = self.errorType
        }
        let canonical = stack.map(Self.canonical)
        let own = Machinery.ownFrames(of: canonical).filter { !($0.function ?? "").hasPrefix(Self.swiftFailure) }
        let chosen = own.isEmpty ? canonical : own
        let inside = AccessPath.inside(chosen.map(Self.name))
        func limited(_ names: [String]) -> [String] {
            Array(isSampled && inside.isDispatched ? names.suffix(Self.frameLimit) : names.prefix(Self.frameLimit))
        }
        frames = limited(inside.names)
        place = limited(inside.compared)
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.kind == right.kind && left.comparedError == right.comparedError && left.place == right.place
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(comparedError)
        hasher.combine(place)
    }

    /// The innermost frame of a stack that is the target's own and has a source position: where a reader looks first.
    package static func sourcePlace(in stack: [ArtifactFrame]) -> ArtifactFrame? {
        stack.first { frame in
            guard frame.file != nil else { return false }
            let canonical = Self.canonical(StackFrame(frame))
            return !Machinery.contains(canonical) && !(canonical.function ?? "").hasPrefix(swiftFailure)
        }
    }

    private static func canonical(_ frame: StackFrame) -> StackFrame {
        var frame = frame
        frame.function = frame.function.map(FunctionName.canonical)
        return frame
    }

    /// Stable for ever: the first ten hexadecimal digits of the SHA-1 of `text`.
    package var identifier: String { String(inputName(of: Array(text.utf8)).prefix(10)) }

    /// `crash: SIGSEGV in f < g`: one line, and the whole of what is compared.
    package var text: String { "\(kind.rawValue): \(Self.line(comparedError, place))" }

    /// `crash SIGSEGV in f < g`, `timeout in f < g`: for people.
    package var title: String { errorType == kind.rawValue ? summary : "\(kind.rawValue) \(summary)" }

    /// `SIGSEGV in f < g`.
    package var summary: String { Self.line(errorType, frames) }

    private static func line(_ errorType: String, _ names: [String]) -> String {
        names.isEmpty ? errorType : "\(errorType) in \(names.joined(separator: " < "))"
    }

    /// All of a small harness is inlined into its entry, so there the line tells one failure from another.
    private static func name(_ frame: StackFrame) -> String {
        guard frame.function == "LLVMFuzzerTestOneInput" else { return frame.place }
        if let line = frame.line { return "\(frame.place):\(line)" }
        return "\(frame.place)+0x\(String(frame.offset, radix: 16))"
    }
}

extension CrashSignature {
    /// Of a run that failed; `nil` for one that went well, and for one that says nothing of its input.
    package init?(_ verdict: Verdict, _ description: CrashDescription, _ failure: FailureReport?) {
        guard let kind = verdict.findingKind else { return nil }
        let errorType = Self.errorType(verdict, description.report)
        self.init(
            kind: kind, errorType: errorType,
            comparedError: description.report.flatMap { $0.errorType == errorType ? $0.comparedErrorType : nil },
            stack: failure?.stack ?? description.frames, token: description.report?.dedupToken)
    }

    /// Of the record beside an artifact, as the campaign wrote it: where the target cannot be run.
    package init(_ record: ArtifactRecord) {
        let report = record.report.flatMap { SanitizerReport(text: $0.joined(separator: "\n")) }
        let usual = record.signature.prefix { $0 != ":" }
        self.init(
            kind: record.kind,
            errorType: report?.errorType ?? record.signalName ?? (usual.isEmpty ? record.kind.rawValue : String(usual)),
            comparedError: report?.comparedErrorType, stack: record.stack.map(StackFrame.init), token: report?.dedupToken)
    }

    private static func errorType(_ verdict: Verdict, _ report: SanitizerReport?) -> String {
        switch verdict.kind {
        case .signalled: report?.errorType ?? signalName(verdict.signal)
        case .exited: report?.errorType ?? "exit status \(verdict.exitCode)"
        case .sanitizer, .leaked, .mallocLimit: report?.errorType ?? verdict.kind.rawValue
        case .inputTimeout, .operationTimeout: ArtifactKind.timeout.rawValue
        case .outOfMemory: ArtifactKind.outOfMemory.rawValue
        case .tooManyProcesses: "too many processes"
        case .passed, .rejected, .forkFailed: verdict.kind.rawValue
        }
    }
}

extension Verdict {
    /// Under which kind the input would be saved; `nil` where it is no finding.
    package var findingKind: ArtifactKind? {
        switch kind {
        case .signalled, .exited, .tooManyProcesses, .sanitizer: .crash
        case .leaked: .leak
        case .inputTimeout, .operationTimeout: .timeout
        case .outOfMemory, .mallocLimit: .outOfMemory
        case .passed, .rejected, .forkFailed: nil
        }
    }
}

extension StackFrame {
    init(_ frame: ArtifactFrame) {
        self.init(
            modulePath: frame.module, offset: frame.offset, function: frame.symbol, file: frame.file, line: frame.line,
            column: frame.column, isInlined: frame.inlined ?? false)
    }
}
