import ForkServer
import Foundation
import Fuzzing
import Storage

/// Runs `fuzzd merge`.
package enum MergeRunner {
    private static let controlFileName = "merge-control.txt"

    /// Adds to a corpus the fewest files of other directories that have every feature which it lacks.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: MergeOptions) throws -> FuzzdExitCode {
        StopSignals.install()
        StopSignals.ignoreThoseOfFailedWrites()
        let configuration = try CampaignSettings.loadConfiguration(options.configPath)
        var target = try CampaignSettings.targetConfiguration(configuration)
        target.workers = options.workers ?? target.workers
        target.strategy = .fork
        for directory in options.sourceDirectories { try requireDirectory(directory) }
        let corpus = CorpusDirectory(directories: [options.corpusDirectory])
        try asCommandFailure(notCreated: .corpusUnusable) { try corpus.prepare() }
        let lock = try asCommandFailure {
            try CampaignLock(stateDirectory: corpus.statePath, corpus: options.corpusDirectory)
        }
        defer { withExtendedLifetime(lock) {} }
        let merge = CorpusMerge(
            controlPath: options.controlFilePath ?? corpus.statePath + "/" + controlFileName, isFull: true,
            maxInputBytes: target.maxInputBytes)
        do {
            let runner = try BatchRunner(configuration: target)
            defer { runner.stop() }
            return try run(merge, runner, corpus, options)
        } catch let error as ForkServerError {
            throw CommandFailure(target: error)
        } catch let error as StorageError {
            throw CommandFailure(.storageFailure, error.description)
        }
    }

    private static func run(
        _ merge: CorpusMerge, _ runner: BatchRunner, _ corpus: CorpusDirectory, _ options: MergeOptions
    ) throws -> FuzzdExitCode {
        var control = try merge.prepare(first: options.corpusDirectory, others: options.sourceDirectories)
        let total = control.paths.count
        let earlier = control.entries.count
        print(
            "Merging \(total - control.firstCorpusCount) files into \(options.corpusDirectory), which has "
                + "\(control.firstCorpusCount)" + (earlier > 0 ? "; \(earlier) were processed by an earlier merge" : ""))
        guard total > control.firstCorpusCount else {
            throw CommandFailure(
                .corpusUnusable, "\(options.sourceDirectories.joined(separator: ", ")): no files; name directories with inputs")
        }
        guard let modules = runner.server.modules else { return .failure }
        let progress = MergeProgress(total: total)
        defer { progress.finish() }
        fflush(nil)
        try merge.process(
            &control, modules: modules, run: { inputs in try runner.run(inputs) },
            onFinding: { run, _, path in
                progress.finish()
                print("  \(TerminalText.sanitised(path)): \(runner.summary(of: run.verdict)); it is left out")
            },
            onFile: progress.show, isStopped: { StopSignals.areRaised })
        progress.finish()
        guard control.entries.count == total else {
            print("Interrupted after \(control.entries.count) of \(total) files; the same command goes on there")
            return .success
        }
        let selection = MergeSelection.smallestCover(control)
        var bytes = 0
        for index in selection.chosen {
            guard let input = merge.input(at: control.paths[index]) else { continue }
            bytes += input.count
            try corpus.write(input)
        }
        // The last that is done: killed before, the same merge chooses the same files again.
        try? FileManager.default.removeItem(atPath: merge.controlPath)
        print(
            "Merged: \(selection.chosen.count) of \(total - control.firstCorpusCount) files added, \(HumanFormat.bytes(bytes)), with "
                + "\(selection.newFeatures) new features and \(selection.newEdges) new edges")
        return .success
    }

    static func requireDirectory(_ path: String) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw CommandFailure(.corpusUnusable, "\(path): no such directory")
        }
        guard isDirectory.boolValue else {
            throw CommandFailure(.corpusUnusable, "\(path): is a file; name the directory that it is in")
        }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw CommandFailure(.corpusUnusable, "\(path): cannot be read; check its permissions")
        }
    }
}

/// Shows how far a merge is: one line that is drawn anew on a terminal, a line at each power of two elsewhere.
final class MergeProgress {
    private let output = DescriptorOutput(descriptor: 2)
    private let isTerminal: Bool
    private let total: Int
    private var drawnAt = 0.0
    private var isDrawn = false

    init(total: Int) {
        self.total = total
        isTerminal = output.isCapableTerminal
    }

    func show(_ done: CorpusMerge.Progress) {
        let line = "#\(done.processed)/\(total) cov: \(done.edges) ft: \(done.features)"
        guard isTerminal else {
            if done.executed & (done.executed - 1) == 0 || done.processed == total { output.write(line + "\n") }
            return
        }
        let now = CampaignClock.now()
        guard now - drawnAt >= 0.1 else { return }
        drawnAt = now
        isDrawn = true
        output.write("\r\u{1B}[K" + TerminalText.keepingStart(line, width: output.size.width - 1))
    }

    /// Leaves the terminal's line empty.
    func finish() {
        if isDrawn { output.write("\r\u{1B}[K") }
        isDrawn = false
    }
}
