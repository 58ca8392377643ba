import Foundation
import ForkServer
import Fuzzing
import Glibc
import Storage

/// `-merge=1` and `-set_cover_merge=1`: adds to the first directory what the others have and it lacks.
struct LibFuzzerMerge {
    let session: LibFuzzerSession
    private var arguments: LibFuzzerArguments { session.arguments }
    private var log: LibFuzzerLog { session.log }
    private var isSetCover: Bool { arguments.isOn("set_cover_merge") }
    /// Files handed to the target at once.
    private static let batch = 64

    func run() throws -> Int32 {
        let given = arguments["max_len"]
        let limit = given > 0 ? given : LibFuzzerSession.saneInputBytes
        guard arguments.inputs.count >= 2 else {
            _ = try session.start(session.targetConfiguration(maxInputBytes: limit))
            log.say("INFO: Merge requires two or more corpus dirs")
            return LibFuzzerExitCode.success
        }
        let target = try session.start(session.targetConfiguration(maxInputBytes: limit))
        let temporary = NSTemporaryDirectory() + "/libFuzzerTemp.Merge\(getpid()).txt"
        let controlPath = arguments.text("merge_control_file") ?? temporary
        defer { if arguments.text("merge_control_file") == nil { unlink(temporary) } }
        var control = try prepare(controlPath)
        log.say(
            "MERGE-OUTER: \(control.paths.count) files, \(control.firstCorpusCount) in the initial corpus, "
                + "\(control.entries.count) processed earlier", "MERGE-OUTER: attempt 1",
            "MERGE-INNER: using the control file '\(controlPath)'")
        try process(&control, controlPath, target, limit)
        log.say("MERGE-OUTER: successful in 1 attempt(s)")
        let selection = isSetCover ? MergeSelection.greedyCover(control) : MergeSelection.bySize(control)
        for index in selection.chosen { try add(control.paths[index], limit) }
        log.say(
            "MERGE-OUTER: \(selection.chosen.count) new files with \(selection.newFeatures) new features added; "
                + "\(selection.newEdges) new coverage edges")
        return LibFuzzerExitCode.success
    }

    /// The control file of an earlier merge of the same files, or a new one on disk.
    private func prepare(_ path: String) throws -> MergeControlFile {
        let first = files(below: [arguments.inputs[0]])
        let others = files(below: Array(arguments.inputs.dropFirst()))
        let fresh = MergeControlFile(paths: first + others, firstCorpusCount: first.count)
        if let bytes = session.contents(of: path), !bytes.isEmpty {
            log.say("MERGE-OUTER: non-empty control file provided: '\(path)'")
            if let known = MergeControlFile(parsing: String(decoding: bytes, as: UTF8.self)) {
                log.say(
                    "MERGE-OUTER: control file ok, \(known.paths.count) files total, "
                        + "first not processed file \(known.entries.count)")
                if let resumed = resume(known, fresh) {
                    try write(resumed.text, path)
                    return resumed
                }
                log.say("MERGE-OUTER: the corpora have other files than the control file; starting from scratch")
            } else {
                log.say("MERGE-OUTER: bad control file, will overwrite it")
            }
        }
        try write(fresh.header, path)
        return fresh
    }

    /// An earlier merge goes on where the files are those that it had, or those that it has since added to the first corpus.
    private func resume(_ known: MergeControlFile, _ fresh: MergeControlFile) -> MergeControlFile? {
        let knownFirst = Set(known.paths.prefix(known.firstCorpusCount))
        let knownOthers = Set(known.paths.dropFirst(known.firstCorpusCount))
        guard Set(fresh.paths.dropFirst(fresh.firstCorpusCount)) == knownOthers else { return nil }
        let added = fresh.paths.prefix(fresh.firstCorpusCount).filter { !knownFirst.contains($0) }
        guard knownFirst.isSubset(of: fresh.paths) else { return nil }
        guard !added.isEmpty else { return known }
        // Files that a merge which ended has added are copies of what it processed.
        guard known.entries.count == known.paths.count else { return nil }
        let names = Set(knownOthers.compactMap { session.contents(of: $0).map(inputName(of:)) })
        let isOurs = added.allSatisfy { names.contains(URL(fileURLWithPath: $0).lastPathComponent) }
        return isOurs ? known : nil
    }

    /// By size, then by path, so that every merge of the same files has the same order.
    private func files(below directories: [String]) -> [String] {
        var found: [(size: Int, path: String)] = []
        for directory in directories {
            guard let walk = FileManager.default.enumerator(atPath: directory) else { continue }
            while let name = walk.nextObject() as? String {
                let path = directory.hasSuffix("/") ? directory + name : directory + "/" + name
                var status = stat()
                guard !name.hasPrefix("."), !name.contains("/."), !path.contains("\n"), stat(path, &status) == 0,
                    status.st_mode & S_IFMT == S_IFREG
                else { continue }
                found.append((Int(status.st_size), path))
            }
        }
        return found.sorted { ($0.size, $0.path) < ($1.size, $1.path) }.map(\.path)
    }

    /// Runs what was not run yet, and writes down what each file showed before the next batch.
    private func process(
        _ control: inout MergeControlFile, _ path: String, _ target: LibFuzzerTarget, _ limit: Int
    ) throws {
        var collector = MergeFeatures(control, modules: target.modules, isFull: isSetCover, usesCounters: arguments.isOn("use_counters"))
        let total = control.paths.count
        log.say(
            "MERGE-INNER: \(total) total files; \(control.entries.count) processed earlier; will process "
                + "\(total - control.entries.count) files now")
        let start = CampaignClock.now()
        var executed = 0
        while control.entries.count < total {
            let next = control.entries.count..<min(total, control.entries.count + Self.batch)
            let inputs = next.map { Array((session.contents(of: control.paths[$0]) ?? []).prefix(limit)) }
            let results = try target.run(inputs.map { ExecutionRequest(input: $0) })
            var lines = ""
            for (offset, result) in results.enumerated() {
                let entry = collector.entry(result.run, sizeBytes: inputs[offset].count)
                if result.run.verdict.isFinding {
                    report(result.run.verdict, inputs[offset], control.paths[next.lowerBound + offset], target)
                }
                lines += entry.lines(index: control.entries.count)
                control.entries.append(entry)
                executed += 1
                if executed & (executed - 1) == 0 { progress("pulse ", executed, start, collector) }
                if control.entries.count == control.firstCorpusCount { progress("LOADED", executed, start, collector) }
            }
            try append(lines, path)
        }
        progress("DONE  ", executed, start, collector)
    }

    private func progress(_ word: String, _ executed: Int, _ start: Double, _ collector: MergeFeatures) {
        let seconds = CampaignClock.now() - start
        let rate = seconds > 0 ? Int(Double(executed) / seconds) : 0
        log.say("#\(executed)\t\(word) cov: \(collector.edgeCount) ft: \(collector.featureCount) exec/s: \(rate)")
    }

    private func report(_ verdict: Verdict, _ input: [UInt8], _ path: String, _ target: LibFuzzerTarget) {
        log.raw(verdict.output)
        let names = session.artifactNames
        let artifacts = PlainArtifacts(prefix: names.prefix, exactPath: names.exactPath)
        var finding = target.finding(verdict, input: input)
        finding.origin = LibFuzzerFinding.Origin()
        do throws(StorageError) {
            let saved = try artifacts.write(input, word: verdict.artifactKind.rawValue)
            finding.artifact = LibFuzzerFinding.Artifact(prefix: names.prefix, path: saved)
        } catch {
            log.tell("ERROR: fuzzd: \(error)")
        }
        log.tell(finding.lines())
        log.say("MERGE-INNER: '\(path)' caused a failure; it is left out")
    }

    private func add(_ path: String, _ limit: Int) throws {
        guard let bytes = session.contents(of: path) else { return }
        let input = Array(bytes.prefix(limit))
        let directory = arguments.inputs[0]
        let separator = directory.hasSuffix("/") ? "" : "/"
        do throws(StorageError) { try TracelessWriter().write(input, to: directory + separator + inputName(of: input)) } catch {
            throw LibFuzzerFailure(message: "ERROR: fuzzd: \(error)")
        }
    }

    private func write(_ text: String, _ path: String) throws {
        do throws(StorageError) { try TracelessWriter().write(Array(text.utf8), to: path, replaces: true) } catch {
            throw LibFuzzerFailure(message: "ERROR: fuzzd: merge control file: \(error)")
        }
    }

    /// One write for each batch, so that a merge which is killed loses at most that.
    private func append(_ text: String, _ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw LibFuzzerFailure(message: "ERROR: fuzzd: \(path): cannot be written: \(lastErrorText())")
        }
    }
}
