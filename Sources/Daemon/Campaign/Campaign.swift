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
    let artifacts: ArtifactStore
    var server: ForkServer
    var describer: CrashDescriber?
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
    var isLoaded = false
    var executionsAtLoad: UInt64 = 0
    var submittedAfterLoad: UInt64 = 0
    var lastTick = 0.0
    var lastFindSeconds: Double?
    var writtenArtifacts: [LastArtifact] = []
    var recentLosses: [Double] = []
    var isDiskFull = false
    /// Verified findings that are not on disk yet, in their order.
    var unannounced: [UnannouncedFinding] = []
    /// Written inputs that the counter file has.
    var countedAdded: UInt64 = 0
    var countedReplaced: UInt64 = 0
    /// Workers whose next verdict has the pause in its waiting time.
    var workersAfterPause: Set<Int> = []
    private var lock: CampaignLock?

    package init(settings: CampaignSettings, display: any CampaignDisplay, control: CampaignControl) {
        self.settings = settings
        self.display = display
        self.control = control
        corpus = CorpusDirectory(directories: settings.corpusDirectories)
        artifacts = ArtifactStore(directory: settings.artifactDirectory)
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
        StopSignals.install()
        try onReady()
        display.started(start(loaded))
        loaded.warnings.forEach { display.event(.warning($0.description), status: status) }
        for file in loaded.files { fuzzer.addSeed(file.bytes, name: file.path) }
        display.event(.read(units: max(loaded.files.count, 1)), status: status)
        clock.resume()
        let reason = try loop()
        return try finish(reason: reason)
    }

    private func openStorage() throws -> CorpusLoad {
        try asCommandFailure(notCreated: .corpusUnusable) { try corpus.prepare() }
        return try asCommandFailure {
            lock = try CampaignLock(stateDirectory: corpus.statePath, corpus: settings.corpusDirectories[0])
            let loaded = try corpus.load(maxInputBytes: settings.target.maxInputBytes)
            for artifact in try artifacts.prepare() {
                // Found by an earlier start: known, so not announced again. One that was not verified is no finding yet.
                guard let record = artifact.record, record.verified, !record.signature.isEmpty else { continue }
                knownSignatures.insert(record.signature)
            }
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

    func startTarget() throws {
        do throws(ForkServerError) {
            try server.start()
        } catch {
            throw CommandFailure(exitCode(for: error), error.description)
        }
        describer = server.modules.map(CrashDescriber.init(modules:))
        status.edgesTotal = server.modules?.counterCount ?? 0
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
            dictionaryEntries: settings.fuzzer.dictionary.count, artifactPrefix: artifacts.path + "/")
    }

    private func finish(reason: String) throws -> FuzzdExitCode {
        status.state = .stopping
        clock.pause()
        updateStatus()
        saveSample()
        server.stop()
        retryPendingWrites()
        display.finished(
            CampaignSummary(
                status: status, reason: reason, artifacts: writtenArtifacts,
                corpusDirectory: settings.corpusDirectories[0]))
        control.publish(status)
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
