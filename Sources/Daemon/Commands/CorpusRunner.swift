import ForkServer
import Foundation
import Fuzzing
import Storage

/// Runs `fuzzd corpus`.
package enum CorpusRunner {
    /// Names of files in one line of the table's; the rest is counted.
    private static let namedFiles = 20

    /// Says what is in a directory of inputs.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: CorpusOptions) throws -> FuzzdExitCode {
        try MergeRunner.requireDirectory(options.directory)
        let configuration = try options.configPath.map(CampaignSettings.loadConfiguration)
        let target = try configuration.map(CampaignSettings.targetConfiguration)
        let limit = target?.maxInputBytes ?? LibFuzzerSession.saneInputBytes
        let loaded = try asCommandFailure {
            try CorpusDirectory(directories: [options.directory], policy: .inputsOnly).load(maxInputBytes: limit)
        }
        for warning in loaded.warnings { print("WARNING: \(TerminalText.sanitised(warning.description))") }
        sizes(loaded).forEach { print($0) }
        guard let configuration, !loaded.files.isEmpty else { return .success }
        if InputFormat(configuration) == .genericFuzz { operations(loaded.files).forEach { print($0) } }
        guard var target else { return .success }
        target.workers = options.workers ?? target.workers
        target.strategy = .fork
        do throws(ForkServerError) {
            let runner = try BatchRunner(configuration: target)
            defer { runner.stop() }
            try coverage(loaded.files, runner).forEach { print($0) }
        } catch {
            throw CommandFailure(target: error)
        }
        return .success
    }

    private static func sizes(_ loaded: CorpusLoad) -> [String] {
        let sizes = loaded.files.map(\.bytes.count).sorted()
        let total = sizes.reduce(0, +)
        var lines = ["files         \(sizes.count)" + (loaded.duplicates > 0 ? ", and \(loaded.duplicates) with the bytes of another" : "")]
        lines.append("bytes         \(total)")
        guard let smallest = sizes.first, let largest = sizes.last else { return lines }
        lines.append("sizes         \(smallest) to \(largest), median \(sizes[sizes.count / 2])")
        let others = loaded.files.count { URL(fileURLWithPath: $0.path).lastPathComponent != $0.name }
        if others > 0 { lines.append("named freely  \(others): not by the SHA-1 of the bytes") }
        return lines
    }

    private static func operations(_ files: [CorpusFile]) -> [String] {
        var counts = [Int](repeating: 0, count: GenericFuzzOpcode.allCases.count)
        var idle = 0
        for file in files {
            for operation in GenericFuzzInput(file.bytes).operations {
                if operation.isTooShort {
                    idle += 1
                } else {
                    counts[Int(operation.opcode.rawValue)] += 1
                }
            }
        }
        let kinds = GenericFuzzOpcode.allCases.map { "\($0.name) \(counts[Int($0.rawValue)])" }
        return [
            "operations    \(counts.reduce(0, +)), and \(idle) too short to do anything",
            "  " + kinds.joined(separator: ", "),
        ]
    }

    private static func coverage(_ files: [CorpusFile], _ runner: BatchRunner) throws(ForkServerError) -> [String] {
        guard let modules = runner.server.modules else { return [] }
        var control = MergeControlFile(paths: files.map(\.path), firstCorpusCount: 0)
        var collector = MergeFeatures(control, modules: modules, isFull: true, usesCounters: true)
        var failing: [String] = []
        var rejected = 0
        for (index, run) in try runner.run(files.map(\.bytes)).enumerated() {
            control.entries.append(collector.entry(run, sizeBytes: files[index].bytes.count))
            if run.verdict.isFinding { failing.append("\(files[index].path): \(runner.summary(of: run.verdict))") }
            if run.verdict.kind == .rejected { rejected += 1 }
        }
        let kept = Set(MergeSelection.smallestCover(control).chosen)
        let redundant = files.indices.filter { !kept.contains($0) && control.entries[$0].features != nil }
        var lines = [
            "edges         \(collector.edgeCount) of \(modules.counterCount)",
            "features      \(collector.featureCount)",
            "needed        \(kept.count) files, \(kept.reduce(0) { $0 + files[$1].bytes.count }) bytes, have all features",
        ]
        if rejected > 0 { lines.append("rejected      \(rejected) by the harness") }
        if !failing.isEmpty { lines += ["failing       \(failing.count)"] + named(failing) }
        if !redundant.isEmpty { lines += ["redundant     \(redundant.count)"] + named(redundant.map { files[$0].path }) }
        return lines
    }

    private static func named(_ lines: [String]) -> [String] {
        let shown = lines.prefix(namedFiles).map { "  " + TerminalText.sanitised($0) }
        return lines.count > namedFiles ? shown + ["  and \(lines.count - namedFiles) more"] : shown
    }
}
