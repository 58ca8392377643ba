import Daemon

/// Values that the display tests share.
enum DisplayFixtures {
    static func status() -> CampaignStatus {
        var status = CampaignStatus(
            name: "virtio-blk-bugs", configPath: "configs/virtio-blk-bugs.yaml", processID: 4711,
            harness: "virtio-blk", resetStrategy: "fork", workers: 2, seed: 42)
        status.state = .fuzzing
        status.elapsedSeconds = 3723
        status.executions = 1_234_567
        status.executionsPerSecond = 12_345
        status.averageExecutionsPerSecond = 331.6
        status.operations = 98_765_432
        status.operationsPerSecond = 987_654
        status.edgesCovered = 1234
        status.edgesTotal = 7431
        status.features = 4567
        status.corpusCount = 312
        status.corpusBytes = 46_285
        status.lengthLimitBytes = 128
        status.residentMebibytes = 45
        status.secondsSinceLastFind = 3.2
        status.artifacts[.crash] = 2
        status.artifacts[.timeout] = 1
        status.lastArtifact = crash
        status.childrenKilled.inputTimeout = 4
        status.childrenKilled.operationTimeout = 1
        status.childrenKilled.crashed = 57
        status.time.forkNanoseconds = 400
        status.time.childNanoseconds = 450
        status.time.reapingNanoseconds = 120
        status.time.handOverNanoseconds = 30
        status.overhead = 0.031
        return status
    }

    static let crash = LastArtifact(
        kind: .crash, path: "./crash-8eccd06d32107e745371bffed5a3886ed42b7986",
        summary: "SIGSEGV in VirtioBlk.handleRequest",
        reproduceCommand: "fuzzd reproduce --config configs/virtio-blk-bugs.yaml "
            + "./crash-8eccd06d32107e745371bffed5a3886ed42b7986")

    static func start() -> CampaignStart {
        CampaignStart(
            status: status(),
            modules: [InstrumentedModule(counters: 14, countersAddress: 0x1fc0, pcTableAddress: 0x1fd0)],
            corpusDirectories: ["c2"], corpusFileCount: 1, maxInputBytes: 4096,
            maxInputBytesWasGiven: false, dictionaryEntries: 0, artifactPrefix: "./")
    }
}

/// Collects what a display writes.
final class RecordedOutput: TerminalOutput {
    var text = ""
    var size = TerminalSize.standard

    func write(_ text: String) { self.text += text }
}
