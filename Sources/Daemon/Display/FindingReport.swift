import Storage

/// The report of one artifact, with the lines that libFuzzer's users search for: `ERROR:`, `MS:`,
/// `artifact_prefix=`, `Test unit written to`, `Base64:` and `SUMMARY:`.
package enum FindingReport {
    /// Inputs up to this size are printed whole, as libFuzzer does.
    static let printedInputBytes = 256

    package static func lines(_ report: ArtifactReport, artifactPrefix: String) -> [String] {
        let kind = report.artifact.kind
        var lines = report.sanitizerReport
        if lines.isEmpty {
            lines.append("==\(report.processID)== ERROR: fuzzd: \(report.error)")
            for (index, frame) in report.stack.enumerated() { lines.append("    #\(index) \(frame)") }
        }
        lines.append("")
        // Scripts read the kind from this line, so the start of it never varies.
        lines.append("SUMMARY: fuzzd: \(summaryWord(kind)): \(report.artifact.summary)")
        if let base = report.baseUnit {
            lines.append(LibFuzzerLine.mutationSequence(report.mutations) + "; base unit: \(base)")
        }
        if report.input.count <= printedInputBytes {
            lines.append(report.input.map { "0x" + String($0, radix: 16) + "," }.joined())
            lines.append(LibFuzzerLine.printable(report.input))
        }
        lines.append(
            "artifact_prefix='\(artifactPrefix)'; Test unit written to \(report.artifact.path)")
        if report.input.count <= printedInputBytes {
            lines.append("Base64: " + base64(report.input))
        }
        lines.append("reproduce: \(report.artifact.reproduceCommand)")
        return lines
    }

    /// What libFuzzer writes after `SUMMARY: libFuzzer: `.
    package static func summaryWord(_ kind: ArtifactKind) -> String {
        switch kind {
        case .crash: "deadly signal"
        case .timeout: "timeout"
        case .outOfMemory: "out-of-memory"
        case .leak: "memory leak"
        }
    }

    /// RFC 4648, section 4.
    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0)
            }
            for position in 0..<4 {
                let digit = Int(group >> UInt32(18 - 6 * position) & 0x3f)
                text.append(position <= count ? alphabet[digit] : "=")
            }
        }
        return text
    }
}
