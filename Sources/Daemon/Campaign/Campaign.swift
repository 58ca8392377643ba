import Foundation
import ForkServer
import Fuzzing
import Storage

/// One campaign from its first file to its summary.
///
/// One loop on one thread owns all of it: target, engine, storage, display. Other threads reach it through
/// `CampaignControl` only. Everything that is counted is on disk first.
package final class Campaign {
    let settings: CampaignSettings
    let display: any CampaignDisplay
    let control: CampaignControl
    let corpus: CorpusDirectory
    let artifacts: any ArtifactSink
    var server: ForkServer
    var describer: CrashDescriber?
    var reporter: FailureReporter?
    /// Findings whose report is being made, by its number.
    var unreported: [Int: UnannouncedFinding] = [:]
    var reportCount = 0
    var fuzzer: Fuzzer
    var status: CampaignStatus
    var clock = CampaignClock()
    var executionRate = RateWindow()
    var operationRate = RateWindow()
    var counters: CounterFile?
    var history: History?
    var historyCampaign: Int64 = 0
    /// Tickets under way, oldest first, for each worker: verdicts come in the order of submission.
    var tickets: [[UInt64]] = []
    /// The verdict whose events are being carried out.
    var currentVerdict: Verdict?
    /// Those of failures that were not run again yet, by the execution that found them.
    var foundVerdicts: [UInt64: Verdict] = [:]
    // What triage needs later; see Campaign+Sightings.
    var currentWorker = 0
    var recentInputs: [RecentInputs] = []
    var foundRecentInputs: [UInt64: RecentInputs] = [:]
    var sightings: SightingLog?
    var uncountedSightings: [String: SightingLog.Sighting] = [:]
    var smallestSizes: [String: Int] = [:]
    var isLoaded = false
    var executionsAtLoad: UInt64 = 0
    var submittedAfterLoad: UInt64 = 0
    var lastTick = 0.0
    var lastFindSeconds: Double?
    var writtenArtifacts: [LastArtifact] = []
    var recentLosses: [Double] = []
    /// What targets counted that were lost since.
    var replacedBeforeRestart = ReplacedRunners()
    var childrenAheadBeforeRestart: UInt64 = 0
    var isDiskFull = false
    var hasToldOfResetDifference = false
    var hasToldOfFaultLog = false
    /// Verified findings that are not on disk yet, in their order.
    var unannounced: [UnannouncedFinding] = []
    /// Written inputs that the counter file has.
    var countedAdded: UInt64 = 0
    var countedReplaced: UInt64 = 0
    /// Workers whose next verdict has the pause in its waiting time.
    var workersAfterPause: Set<Int> = []
    private var lock: CampaignLock?
    // What the rules need; see Campaign+Rules.
    var endReason: String?
    /// The kind of the finding that ended the campaign.
    package internal(set) var endKind: ArtifactKind?
    var lastStopFileLook = 0.0
    var nextReload = 0.0
    /// Files of others that are being run, and how many of them entered the corpus.
    var reloading = (files: 0, kept: 0)
    var slowestSeconds: UInt64 = 0
    var slowestReportedSeconds: UInt64 = 0
    var peakResidentKibibytes: UInt64 = 0
    var newInputCount: UInt64 = 0
    var coverage: CoverageNotes?
    var mutationGraph = ""
    /// SHA-1 names by entry, kept where reports name the unit that was mutated.
    var baseUnits: [CorpusEntryID: String] = [:]

    package init(settings: CampaignSettings, display: any CampaignDisplay, control: CampaignControl) {
        self.settings = settings
        self.display = display
        self.control = control
        corpus = CorpusDirectory(
            directories: settings.corpusDirectories,
            policy: settings.rules.leavesInputsOnly ? .inputsOnly : .inputsAndState)
        if let names = settings.rules.plainArtifacts {
            artifacts = PlainArtifacts(prefix: names.prefix, exactPath: names.exactPath)
        } else {
            artifacts = ArtifactStore(directory: settings.artifactDirectory)
        }
        server = ForkServer(configuration: settings.target)
        fuzzer = Fuzzer(options: settings.fuzzer)
        status = CampaignStatus(
            name: settings.name, configPath: settings.configPath, processID: getpid(), harness: settings.harness,
            resetStrategy: settings.target.strategy.rawValue, workers: settings.target.workers,
            seed: settings.fuzzer.seed)
    }

    /// Runs until a limit, a stop request, or an error that ends it.
    ///
    /// `onReady` is called once the target serves and the corpus was accepted.
    package func run(onReady: () throws -> Void = {}) throws -> FuzzdExitCode {
        StopSignals.ignoreThoseOfFailedWrites()
        let loaded = try openStorage()
        try startTarget()
        StopSignals.install(settings.rules.signals)
        try onReady()
        display.started(start(loaded))
        warnOfTarget()
        for warning in loaded.warnings {
            // libFuzzer cuts files without a word.
            if settings.rules.leavesInputsOnly, case .truncated = warning { continue }
            display.event(.warning(warning.description), status: status)
        }
        nextReload = CampaignClock.now() + Double(settings.rules.reloadSeconds)
        for file in loaded.files { fuzzer.addSeed(file.bytes, name: file.path) }
        updateStatus()
        display.event(.read(units: max(loaded.files.count, 1)), status: status)
        clock.resume()
        let reason = try loop()
        return try finish(reason: reason)
    }

    private func openStorage() throws -> CorpusLoad {
        try asCommandFailure(notCreated: .corpusUnusable) { try corpus.prepare() }
        return try asCommandFailure {
            if settings.rules.leavesInputsOnly {
                return try corpus.load(
                    maxInputBytes: settings.target.maxInputBytes, furtherFiles: settings.rules.seedFiles)
            }
            lock = try CampaignLock(stateDirectory: corpus.statePath, corpus: settings.corpusDirectories[0])
            let loaded = try corpus.load(maxInputBytes: settings.target.maxInputBytes)
            for artifact in try artifacts.prepare() {
                // Found by an earlier start: known, so not announced again. One that was not verified is no finding yet.
                guard let record = artifact.record, record.verified, !record.signature.isEmpty else { continue }
                knownSignatures.insert(record.signature)
                noteSize(record.size, of: record.signature)
                knownRecords.append(record)
            }
            openSightings()
            counters = try CounterFile(path: corpus.statePath + "/counters")
            let history = try History(path: corpus.statePath + "/history.sqlite")
            historyCampaign = try history.open(
                HistoryCampaign(
                    name: settings.name, config: settings.configPath, harness: settings.harness,
                    seed: settings.fuzzer.seed, startedAt: Date()))
            self.history = history
            counters?.add(1, to: .starts)
            return loaded
        }
    }

    /// Signatures that an earlier start saved.
    var knownSignatures: Set<String> = []
    /// Records of an earlier start until the target is there, which tells what their failures are called now.
    var knownRecords: [ArtifactRecord] = []

    /// What only the target knows of its harness: who mutates, and which edges are features but no coverage. Before the first
    /// seed.
    private func adaptToTarget(_ modules: ModuleTable) {
        var options = fuzzer.options
        options.featureOnlyEdges = modules.modules.filter { !$0.isCoverage }.map {
            UInt32($0.firstEdge)..<UInt32($0.firstEdge + $0.counterCount)
        }
        options.hasCustomMutator = modules.capabilities.contains(.customMutator)
        if settings.rules.asksHarnessForCrossOver {
            options.hasCustomCrossOver = modules.capabilities.contains(.customCrossOver)
        }
        if options.hasCustomMutator, settings.rules.letsHarnessChooseLength { options.lengthControl = 0 }
        fuzzer = Fuzzer(options: options)
    }

    func startTarget() throws {
        do throws(ForkServerError) {
            try server.start()
        } catch {
            throw CommandFailure(exitCode(for: error), error.description)
        }
        describer = server.modules.map(CrashDescriber.init(modules:))
        for record in knownRecords {
            guard let signature = describer?.presentSignature(of: record) else { continue }
            knownSignatures.insert(signature)
            noteSize(record.size, of: signature)
        }
        knownRecords = []
        if settings.rules.notesCoverage, coverage == nil { coverage = server.modules.map(coverageNotes) }
        if let modules = server.modules, fuzzer.counters.executions == 0, fuzzer.outstandingSeedCount == 0 {
            adaptToTarget(modules)
        }
        // Kept over restarts: it knows objects by path, not by address.
        if reporter == nil { reporter = describer.map { FailureReporter(elf: $0.symbolizer) } }
        if server.snapshotRefusal != nil { status.resetStrategy = ResetStrategy.fork.rawValue }
        status.edgesTotal = server.modules?.counterCount ?? 0
        beginRecentInputs()
        tickets = [[UInt64]](repeating: [], count: server.workerCount)
    }

    /// What the target printed while it initialised: the regions that its harness matched.
    package var targetGreeting: String {
        String(decoding: server.initialOutput, as: UTF8.self)
    }

    private func exitCode(for error: ForkServerError) -> FuzzdExitCode {
        switch error.step {
        case .noCoverage: .noCoverage
        case .abiMismatch: .abiMismatch
        case .findProgram, .createSharedMemory, .spawn, .initialize, .handshake, .parentLost, .endOfInput:
            .targetUnusable
        }
    }

    private func start(_ loaded: CorpusLoad) -> CampaignStart {
        CampaignStart(
            status: status,
            modules: (server.modules?.counterCounts ?? []).map { InstrumentedModule(counters: $0) },
            corpusDirectories: settings.corpusDirectories, corpusFileCount: loaded.files.count,
            maxInputBytes: settings.target.maxInputBytes, maxInputBytesWasGiven: settings.maxInputBytesWasGiven,
            dictionaryEntries: settings.fuzzer.dictionary.count, artifactPrefix: artifacts.prefix)
    }

    private func summary(reason: String) -> CampaignSummary {
        var summary = CampaignSummary(
            status: status, reason: reason, artifacts: writtenArtifacts,
            corpusDirectory: settings.corpusDirectories.first ?? "")
        summary.newInputs = newInputCount
        summary.slowestSeconds = slowestSeconds
        summary.peakResidentKibibytes = max(peakResidentKibibytes, UInt64(server.modules?.residentKibibytes ?? 0))
        summary.recommendedDictionary = fuzzer.recommendedDictionary
        summary.corpusLines = corpusLines()
        return summary
    }

    private func finish(reason: String) throws -> FuzzdExitCode {
        status.state = .stopping
        clock.pause()
        updateStatus()
        saveSample()
        noteResetChecks()
        server.stop()
        finishReports()
        retryPendingWrites()
        saveSightings()
        display.finished(summary(reason: reason))
        control.publish(status)
        writeGraph()
        if let failure = unwrittenFinds { throw failure }
        return settings.ignoresFindings ? .success : FuzzdExitCode(worstOf: status.artifacts)
    }
}

/// Runs `body`; a storage error becomes the command's failure with the code that fits.
///
/// - Parameter notCreated: the code where a directory cannot be created although there is room for it.
func asCommandFailure<Result>(
    notCreated: FuzzdExitCode = .storageFailure, _ body: () throws -> Result
) throws -> Result {
    do {
        return try body()
    } catch let error as StorageError {
        if error.isLockedByAnother { throw CommandFailure(.corpusBusy, error.description) }
        let code: FuzzdExitCode =
            switch error.step {
            case .listDirectory, .readFile: .corpusUnusable
            case .createDirectory where !error.isDiskFull: notCreated
            default: .storageFailure
            }
        throw CommandFailure(code, error.description)
    }
}
