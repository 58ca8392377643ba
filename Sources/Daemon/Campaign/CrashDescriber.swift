import ForkServer
import Fuzzing
import Storage

/// What is known of one failure: where it happened, in words and as a signature.
package struct CrashDescription: Sendable {
    package var signature: String
    package var frames: [StackFrame]
    /// One line, such as `SIGILL in VirtIOBlock.readConfig`.
    package var summary: String
    /// What the report's error line says.
    package var error: String
    /// What a sanitizer printed.
    package var report: SanitizerReport?

    package init(signature: String, frames: [StackFrame], summary: String, error: String, report: SanitizerReport? = nil) {
        self.signature = signature
        self.frames = frames
        self.summary = summary
        self.error = error
        self.report = report
    }
}

/// Turns verdicts into outcomes and descriptions; remembers stacks it has named, because a target that crashes at once
/// does so thousands of times a second.
package final class CrashDescriber {
    package let symbolizer: Symbolizer
    private var known: [[UInt64]: CrashDescription] = [:]
    /// Stacks remembered; beyond, everything is named anew.
    private static let rememberedLimit = 4096

    package convenience init(modules: ModuleTable?) { self.init(modules: modules, tables: SymbolTables()) }

    /// - Parameter tables: of objects that were read before.
    package init(modules: ModuleTable?, tables: SymbolTables) {
        symbolizer = Symbolizer(modules: modules, tables: tables)
    }

    package func describe(_ verdict: Verdict) -> CrashDescription {
        switch verdict.kind {
        case .signalled, .exited, .sanitizer, .leaked, .mallocLimit: break
        case .passed, .rejected, .inputTimeout, .operationTimeout, .outOfMemory, .tooManyProcesses, .forkFailed:
            return withoutStack(verdict)
        }
        if let report = SanitizerReport(output: verdict.output) { return describe(report, verdict) }
        guard let record = verdict.crash else { return withoutStack(verdict) }
        let key = [UInt64(bitPattern: Int64(verdict.signal)), record.programCounter] + record.frames
        if let description = known[key] { return description }
        let frames = symbolizer.frames(of: record)
        guard verdict.kind == .signalled else {
            var description = withoutStack(verdict)
            description.frames = frames
            description.signature = Signature.make(kind: verdict.kind.rawValue, frames: frames)
            return description
        }
        let name = signalName(verdict.signal)
        let place = place(of: frames)
        let description = CrashDescription(
            signature: symbolizer.signature(signal: verdict.signal, frames: frames), frames: frames,
            summary: "\(name) in \(place)",
            error: "deadly signal: \(name) at 0x\(String(record.faultAddress, radix: 16))")
        if known.count >= Self.rememberedLimit { known.removeAll() }
        known[key] = description
        return description
    }

    /// By the sanitizer's words and the report's own stack, named from ELF symbols: the same with and without a symboliser.
    private func describe(_ report: SanitizerReport, _ verdict: Verdict) -> CrashDescription {
        var frames = report.stack.map { frame in
            var frame = frame
            if frame.function == nil { symbolizer.name(&frame) }
            return frame
        }
        if frames.isEmpty, let record = verdict.crash { frames = symbolizer.frames(of: record) }
        let place = frames.isEmpty ? report.source ?? "an unknown place" : place(of: frames)
        return CrashDescription(
            signature: report.signature(frames: frames), frames: frames, summary: "\(report.errorType) in \(place)",
            error: "\(report.tool): \(report.errorType)", report: report)
    }

    /// What the failure of a record of an earlier version, which names functions alone, is called now; `nil` where the target is
    /// another build, so that its stack says nothing.
    package func presentSignature(of record: ArtifactRecord) -> String? {
        guard let kind = record.signalName else { return nil }
        let frames = record.stack.filter { $0.inlined != true }.map { recorded in
            var frame = StackFrame(modulePath: symbolizer.path(ofModule: recorded.module) ?? recorded.module, offset: recorded.offset)
            symbolizer.name(&frame)
            return frame
        }
        let signature = Signature.make(kind: kind, frames: frames)
        return Signature.withoutSite(signature) == record.signature ? signature : nil
    }

    func outcome(of verdict: Verdict) -> Outcome {
        switch verdict.kind {
        case .passed: .passed
        case .rejected: .rejected
        case .signalled, .exited, .tooManyProcesses, .sanitizer: .crashed(signature: describe(verdict).signature)
        case .inputTimeout, .operationTimeout: .timedOut
        case .outOfMemory, .mallocLimit: .outOfMemory
        case .leaked: .leaked(signature: describe(verdict).signature)
        case .forkFailed: .lost
        }
    }

    private func withoutStack(_ verdict: Verdict) -> CrashDescription {
        let text =
            switch verdict.kind {
            case .signalled: "\(signalName(verdict.signal)) without a crash record"
            case .exited: "the target exited with status \(verdict.exitCode) in the middle of an input"
            case .tooManyProcesses: "more processes than allowed"
            case .inputTimeout: "timeout: the input took longer than its limit"
            case .operationTimeout: "timeout: one operation took longer than its limit"
            case .outOfMemory: "out of memory: \(verdict.peakResidentKibibytes / 1024) MiB resident"
            case .mallocLimit: "out of memory: a single allocation above the limit"
            case .leaked: "memory was leaked"
            case .sanitizer: "a sanitizer ended the target with status \(verdict.exitCode)"
            case .passed, .rejected, .forkFailed: verdict.kind.rawValue
            }
        return CrashDescription(signature: "\(verdict.kind.rawValue):\(text)", frames: [], summary: text, error: text)
    }

    private func place(of frames: [StackFrame]) -> String {
        (Machinery.ownFrames(of: frames).first ?? frames.first)?.place ?? "an unknown place"
    }
}
