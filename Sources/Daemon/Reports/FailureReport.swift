import ForkServer
import Foundation

/// A failure in readable form: function, file and line of each frame, the look of a symbolised sanitizer report.
package struct FailureReport: Equatable, Sendable {
    /// The failure's stack, innermost first, inlined frames in their places.
    package var stack: [StackFrame]
    /// The sanitizer's report with its frames symbolised; empty if there was none.
    package var lines: [String] = []

    /// Of a description whose stack has addresses only.
    package init(_ description: CrashDescription, resolver: SourceResolver) {
        resolver.beginReport()
        guard let report = description.report else {
            stack = description.frames.flatMap(resolver.resolve)
            return
        }
        var rewriter = ReportRewriter(report: report, resolver: resolver)
        for line in report.lines { rewriter.take(line) }
        stack = rewriter.stack.isEmpty ? description.frames : rewriter.stack
        lines = rewriter.lines
    }

    /// What a child printed, its report replaced by the symbolised one, which is the last that it printed.
    static func symbolized(_ output: [UInt8], _ lines: [String]) -> [UInt8] {
        guard let first = lines.first else { return output }
        let text = String(decoding: output, as: UTF8.self)
        guard let start = text.range(of: first) else { return output }
        return Array((text[..<start.lowerBound] + lines.joined(separator: "\n") + "\n").utf8)
    }
}

extension StackFrame {
    /// Without its number, as sanitizers write it: `0x55d0 in f(int) /src/h.c:7:3`, `0x55d0 in f (/src/h+0xd0)`.
    var reportText: String {
        let digits = String(address, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits + reportPlace
    }

    var reportPlace: String {
        let object = "(\(modulePath)+0x\(String(offset, radix: 16)))"
        guard let function else { return "  " + object }
        return " in \(function) \(source ?? object)"
    }
}

/// Rewrites a report line by line: a frame becomes as many lines as functions were inlined there, numbered anew.
private struct ReportRewriter {
    let report: SanitizerReport
    let resolver: SourceResolver
    private(set) var lines: [String] = []
    /// The first stack of the report.
    private(set) var stack: [StackFrame] = []
    private var isFirstStackOver = false
    private var number = 0

    init(report: SanitizerReport, resolver: SourceResolver) {
        self.report = report
        self.resolver = resolver
    }

    mutating func take(_ line: Substring) {
        guard let parsed = ReportFrameLine(line) else {
            number = 0
            if !stack.isEmpty { isFirstStackOver = true }
            lines.append(line.hasPrefix("SUMMARY: ") ? summary(line) : String(line))
            return
        }
        let frames = resolver.resolve(parsed.frame)
        for frame in frames {
            let place = frame.file == nil ? frame.reportPlace + parsed.buildID : frame.reportPlace
            let isKnown = frame.function != nil || frame.file != nil
            // What nobody can name stays as it was, whatever it was.
            lines.append(isKnown ? "    #\(number) \(parsed.address)\(place)" : renumbered(line))
            number += 1
        }
        if !isFirstStackOver { stack += frames }
    }

    private func renumbered(_ line: Substring) -> String {
        guard let hash = line.firstIndex(of: "#") else { return String(line) }
        return "    #\(number)" + line[hash...].dropFirst().drop { $0.isNumber }
    }

    /// With the position of the innermost frame instead of its address.
    private func summary(_ line: Substring) -> String {
        guard let frame = stack.first, let function = frame.function else { return String(line) }
        if line.hasSuffix(" in ") || line.hasSuffix(" in") {
            return (line.last == " " ? String(line) : line + " ") + function
        }
        guard let object = line.firstIndex(of: "("), line[object...].contains("+0x") else { return String(line) }
        let place = frame.source ?? "(\(frame.modulePath)+0x\(String(frame.offset, radix: 16)))"
        return line[..<object] + "\(place) in \(function)"
    }
}
