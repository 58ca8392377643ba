import Foundation
import ForkServer

/// Runs `fuzzd reproduce`.
package enum ReproduceRunner {
    /// Runs each artifact and says what happened.
    ///
    /// - Returns: how the process ends: libFuzzer's code of the worst that happened. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: ReproduceOptions) throws -> FuzzdExitCode {
        noteOtherTargets(options)
        if let runs = options.runs { return try run(options, times: runs) }
        let configuration = try CampaignSettings.loadConfiguration(options.configPath)
        var target = try CampaignSettings.targetConfiguration(configuration)
        target.workers = 1
        target.strategy = options.reset ?? .fork
        let inputs = try options.artifactPaths.map(read)
        target.maxInputBytes = max(inputs.map(\.count).max() ?? 1, 1)
        let server = ForkServer(configuration: target)
        do throws(ForkServerError) {
            try server.start()
            guard let modules = server.modules else { return .failure }
            let describer = CrashDescriber(modules: modules)
            let reporter = FailureReporter(elf: describer.symbolizer)
            var found = ArtifactCounts()
            try InputRunner(server: server).run(inputs) { index, verdict, _ in
                let path = options.artifactPaths[index]
                let lines = describe(verdict, path: path, describer: describer, reporter: reporter, &found)
                lines.forEach { print($0) }
            }
            return FuzzdExitCode(worstOf: found)
        } catch {
            throw CommandFailure(.targetUnusable, error.description)
        }
    }

    static func read(_ path: String) throws -> [UInt8] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw CommandFailure(.corpusUnusable, "\(path): no such file")
        }
        guard !isDirectory.boolValue else {
            throw CommandFailure(.corpusUnusable, "\(path): is a directory; name the artifact itself")
        }
        let limit = 1 << 20
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: limit + 1) else {
            if FileManager.default.isReadableFile(atPath: path) { return [] }
            throw CommandFailure(.corpusUnusable, "\(path): cannot be read; check its permissions")
        }
        guard data.count <= limit else {
            throw CommandFailure(.corpusUnusable, "\(path): larger than \(limit) bytes, which is no input of a campaign")
        }
        return Array(data)
    }

    private static func describe(
        _ verdict: Verdict, path: String, describer: CrashDescriber, reporter: FailureReporter,
        _ found: inout ArtifactCounts
    ) -> [String] {
        let milliseconds = verdict.timing.childNanoseconds / 1_000_000
        let executed = "Executed \(path) in \(milliseconds) ms: " + SummaryText.plural(Int(clamping: verdict.operations), "operation")
        var lines = ["Running: \(path)"]
        let description = describer.describe(verdict)
        switch verdict.kind {
        case .passed: lines.append("  no failure")
        case .rejected: lines.append("  rejected by the harness")
        case .inputTimeout, .operationTimeout:
            found.timeout += 1
            lines.append("  \(description.summary)")
        case .outOfMemory, .mallocLimit:
            found.oom += 1
            lines.append("  \(description.summary)")
        case .signalled, .exited, .tooManyProcesses, .sanitizer, .leaked, .forkFailed:
            found.crash += 1
            lines.append("  \(description.error)")
            let report = reporter.report(on: description)
            if !report.lines.isEmpty { return lines + report.lines.map(TerminalText.sanitised) + [executed] }
            for (index, frame) in report.stack.enumerated() { lines.append("    #\(index) \(frame.reportText)") }
            lines.append("  SUMMARY: \(description.summary)")
        }
        let output = String(decoding: verdict.output.suffix(2048), as: UTF8.self)
        for line in output.split(separator: "\n").prefix(20) { lines.append("  | \(TerminalText.sanitised(String(line)))") }
        return lines + [executed]
    }
}
