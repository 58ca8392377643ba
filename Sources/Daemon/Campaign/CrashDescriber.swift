import ForkServer
import Fuzzing

/// What is known of one failure: where it happened, in words and as a signature.
struct CrashDescription {
    var signature: String
    var frames: [StackFrame]
    /// One line, such as `SIGILL in VirtIOBlock.readConfig`.
    var summary: String
    /// What the report's error line says.
    var error: String
}

/// Turns verdicts into outcomes and descriptions; remembers stacks it has named, because a target that crashes at once
/// does so thousands of times a second.
final class CrashDescriber {
    private let symbolizer: Symbolizer
    private var known: [[UInt64]: CrashDescription] = [:]
    /// Stacks remembered; beyond, everything is named anew.
    private static let rememberedLimit = 4096

    init(modules: ModuleTable) {
        symbolizer = Symbolizer(modules: modules)
    }

    func describe(_ verdict: Verdict) -> CrashDescription {
        guard verdict.kind == .signalled || verdict.kind == .sanitizer else { return withoutStack(verdict) }
        guard let record = verdict.crash else { return withoutStack(verdict) }
        let key = [UInt64(bitPattern: Int64(verdict.signal)), record.programCounter] + record.frames
        if let description = known[key] { return description }
        let frames = symbolizer.frames(of: record)
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
