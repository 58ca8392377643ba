/// libFuzzer's log lines, character by character, because scripts and dashboards parse them.
///
/// Checked against the output of libFuzzer of LLVM 21. Pure functions; lines come without their line feed.
package enum LibFuzzerLine {
    /// The line of a moment: `#4096\tNEW    cov: 12 ft: 34 corp: 5/60b lim: 64 exec/s: 789 rss: 45Mb L:
    /// 6/10 MS: …`.
    ///
    /// - Parameter word: `INITED`, `NEW`, `REDUCE`, `RELOAD`, `pulse` or `DONE`.
    package static func stats(word: String, status: CampaignStatus, kept: KeptInput? = nil) -> String {
        let padding = String(repeating: " ", count: max(0, 6 - word.count))
        var line = "#\(status.executions)\t\(word)\(padding)"
        if status.edgesCovered > 0 { line += " cov: \(status.edgesCovered)" }
        if status.features > 0 { line += " ft: \(status.features)" }
        if status.corpusCount > 0 {
            line += " corp: \(status.corpusCount)/\(corpusSize(status.corpusBytes))"
        }
        // libFuzzer has no limit yet when the corpus was only loaded.
        if status.lengthLimitBytes > 0 && word != "INITED" { line += " lim: \(status.lengthLimitBytes)" }
        line += " exec/s: \(wholeNumber(status.averageExecutionsPerSecond))"
        line += " rss: \(status.residentMebibytes)Mb"
        if let kept { line += keptInput(kept) }
        return line
    }

    /// `123b`, from 16 KiB on `123Kb`, from 16 MiB on `123Mb`.
    package static func corpusSize(_ bytes: Int) -> String {
        switch bytes {
        case ..<(1 << 14): "\(bytes)b"
        case ..<(1 << 24): "\(bytes >> 10)Kb"
        default: "\(bytes >> 20)Mb"
        }
    }

    /// ` L: 6/10 MS: 2 ChangeBit-CopyPart-`, with the dictionary words ` DE: "word"-`.
    static func keptInput(_ kept: KeptInput) -> String {
        " L: \(kept.sizeBytes)/\(kept.largestBytes) "
            + mutationSequence(kept.mutations, dictionaryWords: kept.dictionaryWords)
    }

    /// `MS: 2 ChangeBit-CopyPart-`; at most ten are named, all are counted.
    package static func mutationSequence(_ mutations: [String], dictionaryWords: [[UInt8]] = []) -> String {
        var text = "MS: \(mutations.count) " + mutations.prefix(10).map { $0 + "-" }.joined()
        if !dictionaryWords.isEmpty {
            text += " DE: " + dictionaryWords.prefix(10).map { "\"\(printable($0))\"-" }.joined()
        }
        return text
    }

    /// Bytes as libFuzzer writes them: what can be printed as it is, `\\` and `\"` escaped, the rest as
    /// octal.
    package static func printable(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            switch byte {
            case 0x5c: text += "\\\\"
            case 0x22: text += "\\\""
            case 0x20..<0x7f: text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let octal = String(byte, radix: 8)
                text += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
            }
        }
        return text
    }

    /// What is said of the longest input where no flag gave it.
    static func chosenLength(_ bytes: Int) -> String {
        "INFO: -max_len is not provided; libFuzzer will not generate inputs larger than \(bytes) bytes"
    }

    /// `Done 1000 runs in 2 second(s)`.
    package static func done(runs: UInt64, seconds: Double) -> String {
        "Done \(runs) runs in \(wholeNumber(seconds)) second(s)"
    }

    /// The lines before the first execution.
    package static func header(_ start: CampaignStart) -> [String] {
        var lines = ["INFO: Running with entropic power schedule (0xFF, 100)."]
        lines.append("INFO: Seed: \(start.status.seed)")
        lines += modules(start.modules)
        if let first = start.corpusDirectories.first {
            let count = String(start.corpusFileCount)
            let padded = String(repeating: " ", count: max(0, 8 - count.count)) + count
            lines.append("INFO: \(padded) files found in \(first)")
        }
        if start.dictionaryEntries > 0 {
            lines.append("Dictionary: \(start.dictionaryEntries) entries")
        }
        if !start.maxInputBytesWasGiven {
            lines.append(
                "INFO: -max_len is not provided; fuzzd will not generate inputs larger than "
                    + "\(start.maxInputBytes) bytes")
        }
        if start.corpusFileCount == 0 {
            lines.append("INFO: A corpus is not provided, starting from an empty corpus")
        }
        return lines
    }

    /// The two lines about instrumented modules.
    static func modules(_ modules: [InstrumentedModule]) -> [String] {
        let total = modules.reduce(0) { $0 + $1.counters }
        var counters = "INFO: Loaded \(modules.count) modules   (\(total) inline 8-bit counters): "
        var tables = "INFO: Loaded \(modules.count) PC tables (\(total) PCs): "
        for module in modules {
            let countersEnd = module.countersAddress &+ UInt64(module.counters)
            // An entry of the PC table is a program counter and its flags: 16 bytes.
            let tableEnd = module.pcTableAddress &+ UInt64(module.counters) &* 16
            counters += "\(module.counters) [\(hex(module.countersAddress)), \(hex(countersEnd))), "
            tables += "\(module.counters) [\(hex(module.pcTableAddress)),\(hex(tableEnd))), "
        }
        return [counters, tables]
    }

    private static func hex(_ value: UInt64) -> String {
        "0x" + String(value, radix: 16)
    }

    private static func wholeNumber(_ value: Double) -> String {
        guard value.isFinite, value > 0 else { return "0" }
        return String(UInt64(min(value, 1e18)))
    }
}
