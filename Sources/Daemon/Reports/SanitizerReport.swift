import ForkServer
import Foundation

/// What a sanitizer printed before it ended a child: AddressSanitizer, LeakSanitizer, MemorySanitizer, ThreadSanitizer,
/// UndefinedBehaviorSanitizer. Parsed from text, as the child does not symbolise; nothing in the text is trusted.
package struct SanitizerReport: Equatable, Sendable {
    /// `AddressSanitizer`.
    package var tool: String
    /// `heap-buffer-overflow`, `memory leak`, `signed integer overflow`.
    package var errorType: String
    /// From the error's line to the report's end.
    package var lines: [Substring]
    /// The stack of the error itself, innermost frame first; others are of allocations and threads.
    package var stack: [StackFrame]
    /// `FILE:LINE:COLUMN` of a runtime error: all that there is where no stack is printed.
    package var source: String?
    /// Of the error's stack, where the sanitizer printed one that is not empty.
    package var dedupToken: String?

    /// Larger outputs are read from their end: a report is the last that a child prints.
    private static let readBytes = 1 << 20

    /// `nil` if the output has no report.
    package init?(output: [UInt8]) {
        self.init(text: String(decoding: output.suffix(Self.readBytes), as: UTF8.self))
    }

    package init?(text: String) {
        // Most failures have no report: told without splitting the text.
        guard text.contains("Sanitizer") || text.contains(": runtime error: ") else { return nil }
        let all = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = Self.start(all) else { return nil }
        lines = Array(all[start...])
        if let end = lines.firstIndex(where: Self.isEnd) { lines.removeSubrange((end + 1)...) }
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        let headline = ReportHeadline(all[start])
        let summary = lines.first { $0.hasPrefix("SUMMARY: ") }.map(ReportHeadline.init)
        guard let tool = headline.tool ?? summary?.tool else { return nil }
        self.tool = tool
        errorType = Self.errorType(headline: headline, summary: summary)
        source = headline.source
        stack = Self.firstStack(lines)
        dedupToken = Self.token(lines)
    }

    /// Errors of an access to memory that is not the target's to use. Where a wrong index or pointer leads to is chance: behind the
    /// end of one block, into one that was freed, or to no memory at all.
    private static let accessErrors: Set<String> = [
        "heap-buffer-overflow", "heap-use-after-free", "stack-buffer-overflow", "stack-buffer-underflow", "stack-use-after-return",
        "stack-use-after-scope", "dynamic-stack-buffer-overflow", "global-buffer-overflow", "container-overflow", "intra-object-overflow",
        "use-after-poison", "unknown-crash", "SEGV", "BUS",
    ]

    /// What two reports of one bug have in common: `invalid access` for each of these, but for a null pointer.
    package var comparedErrorType: String {
        let isNull = lines.contains { $0.contains("address points to the zero page") }
        return Self.accessErrors.contains(errorType) && !isNull ? "invalid access" : errorType
    }

    /// What happened, and the frames that are the target's own; the sanitizer's token where it gave one.
    package func signature(frames: [StackFrame]) -> String {
        if let dedupToken { return "\(errorType):\(dedupToken)" }
        if errorType == "stack-overflow" { return Signature.recursion(kind: errorType, frames: frames) }
        if frames.isEmpty { return "\(errorType):\(source ?? "")" }
        return Signature.make(kind: errorType, frames: frames)
    }

    /// The fatal error's line. Where there is none, the last runtime error: those before it let the target go on.
    private static func start(_ lines: [Substring]) -> Int? {
        let fatal = lines.firstIndex { line in
            guard let tool = line.range(of: "Sanitizer: ") else { return false }
            let head = line[..<tool.lowerBound]
            return head.contains("ERROR: ") || head.contains("WARNING: ")
        }
        return fatal ?? lines.lastIndex { $0.contains(": runtime error: ") }
            ?? lines.firstIndex { $0.hasPrefix("SUMMARY: ") && $0.contains("Sanitizer: ") }
    }

    private static func isEnd(_ line: Substring) -> Bool {
        line == "Exiting" || (line.hasPrefix("==") && line.hasSuffix("==ABORTING"))
    }

    /// The summary has the short names that everybody searches for; only leaks and undefined behaviour are told better
    /// by the error's own line.
    private static func errorType(headline: ReportHeadline, summary: ReportHeadline?) -> String {
        if headline.isRuntimeError { return headline.errorType }
        let type = summary?.errorType ?? headline.errorType
        return type.isEmpty ? "sanitizer error" : type
    }

    private static func firstStack(_ lines: [Substring]) -> [StackFrame] {
        var frames: [StackFrame] = []
        for line in lines {
            if let frame = ReportFrameLine(line) {
                frames.append(frame.frame)
            } else if !frames.isEmpty {
                break
            }
        }
        return frames
    }

    private static func token(_ lines: [Substring]) -> String? {
        let prefix = "DEDUP_TOKEN: "
        guard let line = lines.first(where: { $0.hasPrefix(prefix) }) else { return nil }
        let token = line.dropFirst(prefix.count).filter { !$0.isWhitespace || $0 == " " }
        // Without symbols the token is only its separators.
        return token.contains { $0 != "-" && $0 != " " } && !token.contains("<null>") ? String(token) : nil
    }
}

/// The line that says what happened: `==7==ERROR: AddressSanitizer: double-free on …`, `h.c:7:3: runtime error: …`, or the
/// summary of either.
struct ReportHeadline {
    var tool: String?
    var errorType = ""
    var source: String?
    var isRuntimeError = false

    init(_ line: Substring) {
        if let error = line.range(of: ": runtime error: ") {
            isRuntimeError = true
            tool = "UndefinedBehaviorSanitizer"
            source = String(line[..<error.lowerBound])
            errorType = Self.withoutValues(line[error.upperBound...])
            return
        }
        guard let name = line.range(of: "Sanitizer: ") else { return }
        let start = line[..<name.lowerBound].lastIndex(of: " ").map(line.index(after:)) ?? line.startIndex
        tool = String(line[start..<name.lowerBound]) + "Sanitizer"
        errorType = Self.type(line[name.upperBound...])
    }

    private static func type(_ text: Substring) -> String {
        if text.contains("leaked in ") || text.contains("detected memory leaks") { return "memory leak" }
        var words = text.split(separator: " ")
        if words.first == "attempting" { words.removeFirst() }
        guard let first = words.first else { return "" }
        if text.hasPrefix("requested allocation size") { return "allocation-size-too-big" }
        // ThreadSanitizer has two words: `data race (pid=7)`, `data race file.c:7:3 in f`.
        if first == "data", words.count > 1 { return "data race" }
        return String(first.prefix { $0 != ":" })
    }

    /// The kind of a runtime error, without its values, types and addresses: `signed integer overflow`.
    private static func withoutValues(_ text: Substring) -> String {
        text.prefix { $0 != ":" }.split(separator: " ").filter { word in
            !word.contains { $0.isNumber || $0 == "'" || $0 == "\"" }
        }.joined(separator: " ")
    }
}
