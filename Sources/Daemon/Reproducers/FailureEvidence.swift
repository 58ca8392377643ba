import ForkServer
import Foundation

/// What can be compared of a failure between two builds of a program, of which one may know nothing of fuzzing: how it ended, and
/// the words of an assertion or a sanitizer. Stacks cannot: an ordinary program prints none.
struct FailureEvidence: Equatable, Sendable {
    enum Kind: String, Sendable {
        case crash
        /// It does not come back.
        case hang
        case memory = "out of memory"
    }

    var kind: Kind
    var signal: Int32?
    /// The assertion with its file, without line and program; or a sanitizer's error and the function it names first.
    var words: String?
    /// One line for people.
    var summary: String

    /// `nil` where nothing bad happened.
    init?(_ verdict: Verdict, _ description: CrashDescription) {
        switch verdict.kind {
        case .passed, .rejected: return nil
        case .inputTimeout, .operationTimeout: kind = .hang
        case .outOfMemory, .mallocLimit: kind = .memory
        case .signalled, .exited, .tooManyProcesses, .sanitizer, .leaked, .forkFailed: kind = .crash
        }
        signal = verdict.kind == .signalled ? verdict.signal : nil
        summary = description.summary
        take(words: verdict.output)
    }

    /// A process that died of a signal or that somebody had to end.
    init(kind: Kind, signal: Int32? = nil, output: [UInt8]) {
        self.kind = kind
        self.signal = signal
        summary = signal.map { signalName($0) } ?? kind.rawValue
        take(words: output)
    }

    private mutating func take(words output: [UInt8]) {
        if let report = SanitizerReport(output: output) {
            words = report.errorType + (report.stack.first?.function.map { " in \($0)" } ?? "")
            summary = "\(report.tool): \(words ?? report.errorType)"
        } else if let assertion = Self.assertion(in: output) {
            words = assertion
            summary += ": \(assertion)"
        }
    }

    /// What the comparison rests on; `nil` where they are two different failures.
    func agreement(with other: FailureEvidence) -> String? {
        guard kind == other.kind else { return nil }
        if let words, let others = other.words { return words == others ? "the same words" : nil }
        if let signal, let others = other.signal { return signal == others ? "the same signal" : nil }
        return kind == .crash ? "a crash both times; there is no more to compare" : "the same kind"
    }

    /// Of the C library (`../hw/a.c:633: void f(int): Assertion `x' failed.`) and of GLib (`ERROR:../hw/a.c:12:f: assertion failed: (x)`),
    /// as `a.c: x`: compilers name functions in different ways, and lines move.
    static func assertion(in output: [UInt8]) -> String? {
        let text = String(decoding: output.suffix(1 << 16), as: UTF8.self)
        for line in text.split(whereSeparator: \.isNewline).reversed() {
            if let start = line.range(of: ": Assertion `"), let end = line.range(of: "' failed", options: .backwards),
                start.upperBound <= end.lowerBound
            {
                return named(String(line[..<start.lowerBound]), String(line[start.upperBound..<end.lowerBound]))
            }
            if line.contains("ERROR:"), let start = line.range(of: ": assertion failed: ") {
                let head = line[..<start.lowerBound]
                let from = head.range(of: "ERROR:").map(\.upperBound) ?? head.startIndex
                return named(String(head[from...]), String(line[start.upperBound...]))
            }
        }
        return nil
    }

    private static func named(_ head: String, _ condition: String) -> String {
        let file = head.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
            .first { $0.contains(".") && !$0.contains("(") }
        let name = file.map { String($0.split(separator: "/").last ?? "") } ?? "?"
        return TerminalText.sanitised("\(name): \(condition)")
    }
}
