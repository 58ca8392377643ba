import ForkServer
import Glibc
import Storage

/// A failure in libFuzzer's words, with the lines that scripts search for.
struct LibFuzzerFinding {
    /// How an input came to be: the `MS:` line.
    struct Origin {
        var mutations: [String] = []
        var words: [[UInt8]] = []
        var baseUnit = String(repeating: "0", count: 40)
    }

    /// An artifact that was written.
    struct Artifact {
        var prefix: String
        var path: String
    }

    var verdict: Verdict
    /// What the child printed, its report symbolised: stands before the lines.
    var output: [UInt8]
    var input: [UInt8]
    /// Stack, innermost frame first.
    var stack: [StackFrame]
    var processID: Int32
    var timeoutSeconds: Int
    var memoryLimitMebibytes: Int
    /// `nil` where libFuzzer tells nothing of the input: files that were given.
    var origin: Origin?
    var artifact: Artifact?
    /// Inputs up to this size are printed whole.
    private static let printedInputBytes = 256

    /// All lines but those that the child printed.
    func lines() -> [String] {
        let head = "==\(processID)== ERROR: libFuzzer: "
        switch verdict.kind {
        case .inputTimeout, .operationTimeout:
            return [
                "ALARM: working on the last Unit for \(timeoutSeconds) seconds",
                "       and the timeout value is \(timeoutSeconds) (use -timeout=N to change)",
            ] + unit() + [head + "timeout after \(timeoutSeconds) seconds"] + frames() + ["SUMMARY: libFuzzer: timeout"]
        case .outOfMemory:
            let used = verdict.peakResidentKibibytes / 1024
            return [head + "out-of-memory (used: \(used)Mb; limit: \(memoryLimitMebibytes)Mb)"] + memoryAdvice + unit()
                + ["SUMMARY: libFuzzer: out-of-memory"]
        case .mallocLimit:
            // The child said how much it was, and where.
            return memoryAdvice + unit() + ["SUMMARY: libFuzzer: out-of-memory"]
        case .leaked:
            return initialCorpusLine + ["", "INFO: to ignore leaks on libFuzzer side use -detect_leaks=0.", ""] + unit()
        case .sanitizer: return unit()
        case .exited where looksLikeSanitizer: return unit()
        case .signalled where verdict.signal == SIGXFSZ: return [head + "file size exceeded"] + exitLines(head)
        case .exited: return exitLines(head)
        case .tooManyProcesses:
            return [head + "too many processes", "", "SUMMARY: libFuzzer: too many processes"] + unit()
        case .signalled, .passed, .rejected, .forkFailed:
            return [head + "deadly signal"] + signalLine + frames() + ["", "SUMMARY: libFuzzer: deadly signal"] + unit()
        }
    }

    /// libFuzzer's exit code for it.
    func exitCode(_ arguments: LibFuzzerArguments) -> Int32 {
        switch verdict.kind {
        case .inputTimeout, .operationTimeout: Int32(truncatingIfNeeded: arguments["timeout_exitcode"])
        case .outOfMemory, .mallocLimit: LibFuzzerExitCode.outOfMemory
        default: Int32(truncatingIfNeeded: arguments["error_exitcode"])
        }
    }

    private var memoryAdvice: [String] { ["   To change the out-of-memory limit use -rss_limit_mb=<N>", ""] }

    private func exitLines(_ head: String) -> [String] {
        [head + "fuzz target exited"] + frames() + ["", "SUMMARY: libFuzzer: fuzz target exited"] + unit()
    }

    /// A given file, or a seed: nothing was done to it.
    private var initialCorpusLine: [String] {
        origin?.mutations.isEmpty ?? true ? ["", "INFO: a leak has been found in the initial corpus."] : []
    }

    private var looksLikeSanitizer: Bool {
        String(decoding: verdict.output, as: UTF8.self).contains("Sanitizer: ")
    }

    private var signalLine: [String] {
        guard verdict.kind == .signalled else { return [] }
        return ["    \(signalName(verdict.signal))"]
    }

    private func frames() -> [String] {
        stack.enumerated().map { index, frame in
            "    #\(index) \(frame.reportText)"
        }
    }

    private func unit() -> [String] {
        var lines: [String] = []
        let isShort = input.count <= Self.printedInputBytes
        if let origin {
            lines.append(
                LibFuzzerLine.mutationSequence(origin.mutations, dictionaryWords: origin.words)
                    + "; base unit: \(origin.baseUnit)")
            if isShort {
                lines.append(input.map { "0x" + String($0, radix: 16) + "," }.joined())
                lines.append(LibFuzzerLine.printable(input))
            }
        }
        guard let artifact else { return lines }
        lines.append("artifact_prefix='\(artifact.prefix)'; Test unit written to \(artifact.path)")
        if isShort { lines.append("Base64: " + FindingReport.base64(input)) }
        return lines
    }
}

extension Verdict {
    /// Whether the input goes to the artifacts.
    var isFinding: Bool {
        switch kind {
        case .passed, .rejected, .forkFailed: false
        default: true
        }
    }

    /// The prefix of its artifact's name.
    var artifactKind: ArtifactKind {
        switch kind {
        case .inputTimeout, .operationTimeout: .timeout
        case .outOfMemory, .mallocLimit: .outOfMemory
        case .leaked: .leak
        default: .crash
        }
    }
}
