import ForkServer
import Foundation
import Fuzzing
import Storage

// What libFuzzer's command line asks of a campaign beyond `fuzzd start`; see `CampaignRules`.
extension Campaign {
    /// Why the campaign ends by a rule, if it does.
    func reasonToEndByRule() -> String? {
        let rules = settings.rules
        if let reason = endReason { return reason }
        if StopSignals.isGraceful { return CampaignSummary.asked }
        if let file = rules.stopFile, isStopFileDue, FileManager.default.fileExists(atPath: file) {
            return "the stop file is there"
        }
        let quiet = rules.endsAfterSecondsWithoutFind
        if quiet > 0, isLoaded, clock.elapsedSeconds - (lastFindSeconds ?? 0) >= Double(quiet) {
            return "nothing new for \(quiet) seconds"
        }
        return nil
    }

    /// The file is looked for no more often than the clock ticks.
    private var isStopFileDue: Bool {
        let now = CampaignClock.now()
        guard now - lastStopFileLook >= 0.1 else { return false }
        lastStopFileLook = now
        return true
    }

    /// Called for each verdict, after its events were carried out.
    func applyRules(to bytes: UnsafeBufferPointer<UInt8>, nanoseconds: UInt64, peakKibibytes: UInt64) {
        peakResidentKibibytes = max(peakResidentKibibytes, peakKibibytes)
        let seconds = nanoseconds / 1_000_000_000
        slowestSeconds = max(slowestSeconds, seconds)
        guard settings.rules.slowUnitSeconds > 0, seconds >= UInt64(settings.rules.slowUnitSeconds),
            Double(seconds) > Double(slowestReportedSeconds) * 1.1
        else { return }
        slowestReportedSeconds = seconds
        guard let plain = artifacts as? PlainArtifacts else { return }
        let path = try? plain.write(Array(bytes), word: "slow-unit")
        display.event(.slowUnit(seconds: seconds, input: Array(bytes), path: path), status: status)
    }

    /// An input entered the corpus: rules that look at those.
    func applyRules(toNew bytes: [UInt8], from origin: InputOrigin, counters: UnsafeBufferPointer<UInt32>) {
        let rules = settings.rules
        let name = needsNames ? inputName(of: bytes) : ""
        if let wanted = rules.endsAtInputNamed, wanted == name { endReason = CampaignSummary.itemPrefix + "'\(wanted)'" }
        if let directory = rules.featuresDirectory { writeFeatures(of: name, counters, to: directory) }
        if rules.mutationGraphPath != nil { noteInGraph(name, origin) }
        guard let coverage else { return }
        let fresh = coverage.note(counters)
        // What the seeds reach is not new.
        if case .mutation = origin { display.event(.newCode(fresh), status: status) }
        if let wanted = rules.endsAtPlace, fresh.places.contains(where: { $0.description.contains(wanted) }) {
            endReason = CampaignSummary.functionPrefix + "'\(wanted)'"
        }
    }

    func coverageNotes(_ modules: ModuleTable) -> CoverageNotes {
        CoverageNotes(
            modules: modules, symbolizer: SymbolizerLocator.find(environment: ProcessInfo.processInfo.environment),
            describesPlaces: settings.rules.describesNewPlaces, describedFunctions: settings.rules.describedNewFunctions)
    }

    private var needsNames: Bool {
        let rules = settings.rules
        return rules.endsAtInputNamed != nil || rules.featuresDirectory != nil || rules.mutationGraphPath != nil
    }

    /// Features as libFuzzer writes them: 32-bit numbers in the machine's byte order, ascending.
    private func writeFeatures(of name: String, _ counters: UnsafeBufferPointer<UInt32>, to directory: String) {
        var bytes: [UInt8] = []
        for counter in counters {
            let hitCount = UInt8(truncatingIfNeeded: counter)
            guard hitCount != 0 else { continue }
            let feature = HitCountBucket.feature(edge: counter >> 8, hitCount: hitCount)
            withUnsafeBytes(of: feature) { bytes.append(contentsOf: $0) }
        }
        try? TracelessWriter().write(bytes, to: directory + "/" + name, replaces: true)
    }

    private func noteInGraph(_ name: String, _ origin: InputOrigin) {
        mutationGraph.append("\"\(name)\"\n")
        guard case .mutation(let trail) = origin, trail.base != 0, let base = baseUnits[trail.base] else {
            baseUnits[CorpusEntryID(fuzzer.corpus.entries.count)] = name
            return
        }
        baseUnits[CorpusEntryID(fuzzer.corpus.entries.count)] = name
        mutationGraph.append("\"\(base)\" -> \"\(name)\" [label=\"\(trail.description)\"]\n")
    }

    /// What `-print_coverage` and `-print_corpus_stats` print at the end.
    func corpusLines() -> [String] {
        var lines: [String] = []
        if let coverage, settings.rules.printsCoverage { lines += coverage.report() }
        if let coverage, settings.rules.printsFullCoverage { lines += coverage.fullReport() }
        guard settings.rules.printsCorpus else { return lines }
        for (index, entry) in fuzzer.corpus.entries.filter({ !$0.isEvicted }).enumerated() {
            let number = Self.column(String(index), 3)
            lines.append(
                "  [\(number) \(inputName(of: entry.bytes))] sz: \(Self.column(String(entry.bytes.count), 5))"
                    + " runs: \(Self.column(String(entry.mutationCount), 5))"
                    + " succ: \(Self.column(String(entry.successCount), 5)) focus: 0")
        }
        return lines
    }

    private static func column(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    func writeGraph() {
        guard let path = settings.rules.mutationGraphPath else { return }
        try? TracelessWriter().write(Array(("digraph {\n" + mutationGraph + "}\n").utf8), to: path, replaces: true)
    }

    /// Takes in what others put into the corpus.
    func reloadIfDue() {
        let interval = settings.rules.reloadSeconds
        guard interval > 0, isLoaded, CampaignClock.now() >= nextReload else { return }
        let start = CampaignClock.now()
        let files = corpus.newFiles(maxInputBytes: settings.target.maxInputBytes)
        let end = CampaignClock.now()
        // A directory so large that listing it takes long is listed less often.
        nextReload = end + max(Double(interval), 20 * (end - start))
        guard !files.isEmpty else { return }
        for file in files { fuzzer.addSeed(file.bytes, name: file.path) }
        reloading.files += files.count
    }
}
