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

    func run() throws -> Int32 {
        let given = arguments["max_len"]
        let limit = given > 0 ? given : LibFuzzerSession.saneInputBytes
        guard arguments.inputs.count >= 2 else {
            _ = try session.start(session.targetConfiguration(maxInputBytes: limit))
            log.say("INFO: Merge requires two or more corpus dirs")
            return LibFuzzerExitCode.success
        }
        let target = try session.start(session.targetConfiguration(maxInputBytes: limit))
        let temporary = NSTemporaryDirectory() + "libFuzzerTemp.Merge\(getpid()).txt"
        let controlPath = arguments.text("merge_control_file") ?? temporary
        defer { if arguments.text("merge_control_file") == nil { unlink(temporary) } }
        var merge = CorpusMerge(
            controlPath: controlPath, isFull: isSetCover, usesCounters: arguments.isOn("use_counters"), maxInputBytes: limit)
        merge.log = { [log] line in log.say(line) }
        do {
            var control = try merge.prepare(first: arguments.inputs[0], others: Array(arguments.inputs.dropFirst()))
            log.say(
                "MERGE-OUTER: \(control.paths.count) files, \(control.firstCorpusCount) in the initial corpus, "
                    + "\(control.entries.count) processed earlier", "MERGE-OUTER: attempt 1")
            if given <= 0 { log.tell(LibFuzzerLine.chosenLength(limit)) }
            log.say("MERGE-INNER: using the control file '\(controlPath)'")
            try process(&control, merge, target)
            let memory = OwnMemory.residentMebibytes
            log.say(
                "MERGE-OUTER: successful in 1 attempt(s)",
                "MERGE-OUTER: the control file has \(control.text.utf8.count) bytes",
                "MERGE-OUTER: consumed 0Mb (\(memory)Mb rss) to parse the control file")
            let selection = isSetCover ? MergeSelection.greedyCover(control) : MergeSelection.bySize(control)
            for index in selection.chosen { try add(merge.input(at: control.paths[index])) }
            log.say(
                "MERGE-OUTER: \(selection.chosen.count) new files with \(selection.newFeatures) new features added; "
                    + "\(selection.newEdges) new coverage edges")
        } catch let error as StorageError {
            throw LibFuzzerFailure(message: "ERROR: fuzzd: \(error)")
        }
        return LibFuzzerExitCode.success
    }

    private func process(_ control: inout MergeControlFile, _ merge: CorpusMerge, _ target: LibFuzzerTarget) throws {
        let total = control.paths.count
        let first = control.firstCorpusCount
        log.say(
            "MERGE-INNER: \(total) total files; \(control.entries.count) processed earlier; will process "
                + "\(total - control.entries.count) files now")
        let start = CampaignClock.now()
        var last = CorpusMerge.Progress(processed: 0, executed: 0, edges: 0, features: 0)
        try merge.process(
            &control, modules: target.modules,
            run: { inputs in try target.run(inputs.map { ExecutionRequest(input: $0) }).map(\.run) },
            onFinding: { report($0.verdict, $1, $2, target) },
            onFile: { done in
                last = done
                if done.executed & (done.executed - 1) == 0 { progress("pulse ", done, start) }
                if done.processed == first { progress("LOADED", done, start) }
            })
        if last.executed == 0 {
            let known = MergeFeatures(control, modules: target.modules, isFull: merge.isFull, usesCounters: merge.usesCounters)
            last.edges = known.edgeCount
            last.features = known.featureCount
        }
        progress("DONE  ", last, start)
    }

    private func progress(_ word: String, _ done: CorpusMerge.Progress, _ start: Double) {
        let seconds = CampaignClock.now() - start
        let rate = seconds > 0 ? Int(Double(done.executed) / seconds) : 0
        // What a set cover counts are edges.
        let features = isSetCover ? "" : " ft: \(done.features)"
        log.say(
            "#\(done.executed)\t\(word) cov: \(done.edges)\(features) exec/s: \(rate) "
                + "rss: \(OwnMemory.residentMebibytes)Mb")
    }

    private func report(_ verdict: Verdict, _ input: [UInt8], _ path: String, _ target: LibFuzzerTarget) {
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
        log.raw(finding.output)
        log.tell(finding.lines())
        log.say("MERGE-INNER: '\(path)' caused a failure; it is left out")
    }

    private func add(_ input: [UInt8]?) throws {
        guard let input else { return }
        let directory = arguments.inputs[0]
        let separator = directory.hasSuffix("/") ? "" : "/"
        try TracelessWriter().write(input, to: directory + separator + inputName(of: input))
    }
}
