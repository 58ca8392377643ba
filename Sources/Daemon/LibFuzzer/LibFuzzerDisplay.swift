import Foundation

/// libFuzzer's log of a campaign: fuzzing in one process, and fork mode.
final class LibFuzzerDisplay: CampaignDisplay {
    private let session: LibFuzzerSession
    private let survey: CorpusSurvey
    private var artifactPrefix = "./"
    /// Prints the lines before the first of the corpus; known once the target is up.
    var greeting: () -> Void = {}
    /// What the target printed while it initialised.
    var initialOutput: () -> [UInt8] = { [] }
    private(set) var wasInterrupted = false
    /// The code that the process will end with; known once fuzzing has ended.
    var exitCode: () -> Int32 = { LibFuzzerExitCode.success }
    private var log: LibFuzzerLog { session.log }
    private var isForkMode: Bool { session.arguments["fork"] > 0 }

    init(session: LibFuzzerSession, survey: CorpusSurvey) {
        self.session = session
        self.survey = survey
    }

    func started(_ start: CampaignStart) {
        artifactPrefix = start.artifactPrefix
        if session.passesOutput { log.raw(initialOutput()) }
        if start.dictionaryEntries > 0 { log.say("Dictionary: \(start.dictionaryEntries) entries") }
        greeting()
        if isForkMode {
            let workers = session.arguments["fork"]
            log.say("INFO: -fork=\(workers): fuzzing with \(workers) machine(s) in children")
            log.say("INFO: -fork=\(workers): \(survey.fileCount) seed inputs, starting to fuzz")
            return
        }
        for (directory, files) in survey.counts {
            log.tell("INFO: \(String(repeating: " ", count: max(0, 8 - String(files).count)))\(files) files found in \(directory)")
        }
        if !start.maxInputBytesWasGiven { log.tell(LibFuzzerLine.chosenLength(start.maxInputBytes)) }
    }

    func event(_ event: CampaignDisplayEvent, status: CampaignStatus) {
        switch event {
        case .read: if !isForkMode { seedLine(status) }
        case .initialised: stats("INITED", status)
        case .new(let kept): if session.arguments["verbosity"] > 0 { stats("NEW", status, kept) }
        case .reduced(let kept): stats("REDUCE", status, kept)
        // libFuzzer is silent about files that show nothing new.
        case .reloaded(_, let kept): if kept > 0 { stats("RELOAD", status) }
        // libFuzzer is gone once it has reported something.
        case .pulse: if status.elapsedSeconds >= 2, isForkMode || status.artifacts.total == 0 { stats("pulse", status) }
        case .artifact(let report): finding(report)
        case .slowUnit(let seconds, let input, let path): slow(seconds, input, path)
        // In fork mode libFuzzer's jobs have logs of their own, of which findings alone are shown.
        case .targetOutput(let bytes): if !isForkMode { log.raw(bytes) }
        case .newCode(let code): newCode(code)
        case .written(let bytes, let path): log.say("Written \(bytes) bytes to \(path)")
        case .restarted(_, let reason): log.say("WARNING: \(reason); the harness was started again")
        case .paused, .resumed: break
        case .warning(let text): log.say("WARNING: \(text)")
        case .info(let text): log.say("INFO: \(text)")
        }
    }

    func tick(_ status: CampaignStatus) {}

    func finished(_ summary: CampaignSummary) {
        let status = summary.status
        wasInterrupted = summary.reason == CampaignSummary.interrupted
        let isFound = summary.artifacts.contains { _ in true } && !isForkMode
        let isGraceful = summary.reason == CampaignSummary.asked
        if wasInterrupted {
            log.tell("==\(getpid())== libFuzzer: run interrupted; exiting")
        } else if isGraceful {
            log.say("INFO: signal received, trying to exit gracefully", "==\(getpid())== INFO: libFuzzer: exiting as requested")
        } else if isForkMode {
            if summary.reason == "time limit reached" {
                log.say("INFO: fuzzed for \(Int(status.elapsedSeconds)) seconds, wrapping up soon")
            }
            forkLine(status)
            log.say("INFO: exiting: \(exitCode()) time: \(Int(status.elapsedSeconds))s")
        } else if CampaignSummary.isItem(summary.reason) {
            log.say("INFO: \(summary.reason), exiting.")
            return
        } else if !isFound {
            stats("DONE", status)
            dictionary(summary.recommendedDictionary)
        }
        if !wasInterrupted, !isGraceful, !isForkMode, !isFound {
            log.say(LibFuzzerLine.done(runs: status.executions, seconds: status.elapsedSeconds))
        }
        log.tell(summary.corpusLines)
        finalStatistics(summary)
    }

    private func stats(_ word: String, _ status: CampaignStatus, _ kept: KeptInput? = nil) {
        if isForkMode {
            if word == "pulse" || word == "NEW" { forkLine(status) }
            return
        }
        log.say(LibFuzzerLine.stats(word: word, status: status, kept: kept))
    }

    private func seedLine(_ status: CampaignStatus) {
        guard survey.fileCount > 0 else {
            log.tell("INFO: A corpus is not provided, starting from an empty corpus")
            return
        }
        let size = LibFuzzerLine.corpusSize
        log.tell(
            "INFO: seed corpus: files: \(survey.fileCount) min: \(size(survey.smallestBytes)) max: "
                + "\(size(survey.largestBytes)) total: \(size(survey.totalBytes)) rss: \(status.residentMebibytes)Mb")
    }

    private func forkLine(_ status: CampaignStatus) {
        let found = status.artifacts
        log.say(
            "#\(status.executions): cov: \(status.edgesCovered) ft: \(status.features) corp: \(status.corpusCount) "
                + "exec/s \(Int(status.executionsPerSecond)) oom/timeout/crash: "
                + "\(found.oom)/\(found.timeout)/\(found.crash + found.leak) "
                + "time: \(Int(status.elapsedSeconds))s job: 0 dft_time: 0")
    }

    private func finding(_ report: ArtifactReport) {
        guard let verdict = report.verdict else { return }
        let output = FailureReport.symbolized(verdict.output, report.sanitizerReport)
        if session.passesOutput || verdict.isFinding { log.raw(output) }
        var origin = LibFuzzerFinding.Origin()
        origin.mutations = report.mutations
        origin.words = report.dictionaryWords
        if let base = report.baseUnit { origin.baseUnit = base }
        log.tell(
            LibFuzzerFinding(
                verdict: verdict, output: output, input: report.input, stack: report.frames, processID: report.processID,
                timeoutSeconds: session.arguments["timeout"], memoryLimitMebibytes: session.arguments["rss_limit_mb"],
                origin: origin,
                artifact: LibFuzzerFinding.Artifact(prefix: artifactPrefix, path: report.artifact.path)
            ).lines())
    }

    private func slow(_ seconds: UInt64, _ input: [UInt8], _ path: String?) {
        log.say("Slowest unit: \(seconds) s:")
        guard let path else { return }
        log.say("artifact_prefix='\(artifactPrefix)'; Test unit written to \(path)")
        if input.count <= 256 { log.say("Base64: " + FindingReport.base64(input)) }
    }

    private func newCode(_ code: NewCode) {
        guard !isForkMode else { return }
        if session.arguments.isOn("print_pcs") {
            log.say(code.places.map { "\tNEW_PC: 0x\(String($0.address, radix: 16)) \($0.description)" })
        }
        let shown = code.functions.prefix(max(0, session.arguments["print_funcs"]))
        for (index, place) in shown.enumerated() {
            log.say("\tNEW_FUNC[\(index + 1)/\(code.functions.count)]: 0x\(String(place.address, radix: 16)) \(place.description)")
        }
    }

    private func dictionary(_ words: [[UInt8]]) {
        guard !words.isEmpty else { return }
        log.say("###### Recommended dictionary. ######")
        log.say(words.map { "\"\(LibFuzzerLine.printable($0))\"" })
        log.say("###### End of recommended dictionary. ######")
    }

    private func finalStatistics(_ summary: CampaignSummary) {
        guard session.arguments.isOn("print_final_stats") else { return }
        let status = summary.status
        log.tell(
            "stat::number_of_executed_units: \(status.executions)",
            "stat::average_exec_per_sec:     \(Int(status.averageExecutionsPerSecond))",
            "stat::new_units_added:          \(summary.newInputs)",
            "stat::slowest_unit_time_sec:    \(summary.slowestSeconds)",
            "stat::peak_rss_mb:              \(summary.peakResidentKibibytes / 1024)")
    }
}
