import ForkServer
import Storage

/// What a campaign is doing at one moment.
///
/// A value that the campaign loop fills in and hands out; the live screen, `fuzzd status`, the control API
/// and the final summary all show this and nothing else. Encoded as JSON it is what `GET /status` answers,
/// so keys are only ever added.
package struct CampaignStatus: Codable, Sendable, Equatable {
    /// Name of the campaign: the config's `name`.
    package var name: String
    /// The configuration file as it was given.
    package var configPath: String
    /// The daemon's process id.
    package var processID: Int32
    package var state: CampaignState
    /// The harness inside the target, such as `generic`.
    package var harness: String
    package var resetStrategy: String
    package var workers: Int
    /// Seed of the campaign's random numbers.
    package var seed: UInt64

    /// Time since the start, without pauses.
    package var elapsedSeconds: Double
    package var executions: UInt64
    /// Rate over the last few seconds.
    package var executionsPerSecond: Double
    /// Rate since the start.
    package var averageExecutionsPerSecond: Double
    /// Device accesses that the harness reported.
    package var operations: UInt64
    package var operationsPerSecond: Double

    /// Distinct edges that some kept input reached.
    package var edgesCovered: Int
    /// Edges that the target has.
    package var edgesTotal: Int
    /// Edges in hit-count buckets, and value-profile features where they are on.
    package var features: Int
    package var corpusCount: Int
    package var corpusBytes: Int
    /// Present limit on the length of generated inputs.
    package var lengthLimitBytes: Int
    /// Resident size of the daemon, in MiB.
    package var residentMebibytes: Int
    /// `nil` while nothing has been found: no new input, or no artifact.
    package var secondsSinceLastFind: Double?

    package var artifacts: ArtifactCounts
    /// The newest artifact of this run.
    package var lastArtifact: LastArtifact?
    package var childrenKilled: KilledChildren
    /// How often a machine parent was lost and started again.
    package var machineParentRestarts: Int
    /// Runners that an input's changes made unusable (strategy `snapshot`); `nil` where none was.
    package var replacedRunners: ReplacedRunners?
    /// What resets took (strategy `snapshot`); `nil` before the first.
    package var resets: ResetCosts?
    /// Inputs that ran in a child which was forked ahead (strategy `fork`), since the machine was last started; `nil` where none did.
    package var childrenAhead: UInt64?
    package var time: TimeShares
    /// Share of the time that was not the target's, 0…1.
    package var overhead: Double

    /// A campaign that has not done anything yet.
    package init(
        name: String, configPath: String, processID: Int32, harness: String, resetStrategy: String,
        workers: Int, seed: UInt64
    ) {
        self.name = name
        self.configPath = configPath
        self.processID = processID
        state = .loading
        self.harness = harness
        self.resetStrategy = resetStrategy
        self.workers = workers
        self.seed = seed
        elapsedSeconds = 0
        executions = 0
        executionsPerSecond = 0
        averageExecutionsPerSecond = 0
        operations = 0
        operationsPerSecond = 0
        edgesCovered = 0
        edgesTotal = 0
        features = 0
        corpusCount = 0
        corpusBytes = 0
        lengthLimitBytes = 0
        residentMebibytes = 0
        secondsSinceLastFind = nil
        artifacts = ArtifactCounts()
        lastArtifact = nil
        childrenKilled = KilledChildren()
        machineParentRestarts = 0
        replacedRunners = nil
        resets = nil
        time = TimeShares()
        overhead = 0
    }
}

/// Stage of a campaign's life.
package enum CampaignState: String, Codable, Sendable, CaseIterable {
    /// Starting the machine and running the corpus once.
    case loading
    case fuzzing
    case paused
    /// Saving what is left; no new input is started.
    case stopping
}

/// Artifacts that this run wrote.
package struct ArtifactCounts: Codable, Sendable, Equatable {
    package var crash = 0
    package var timeout = 0
    package var oom = 0
    package var leak = 0

    package init() {}

    package var total: Int { crash + timeout + oom + leak }

    package subscript(kind: ArtifactKind) -> Int {
        get {
            switch kind {
            case .crash: crash
            case .timeout: timeout
            case .outOfMemory: oom
            case .leak: leak
            }
        }
        set {
            switch kind {
            case .crash: crash = newValue
            case .timeout: timeout = newValue
            case .outOfMemory: oom = newValue
            case .leak: leak = newValue
            }
        }
    }
}

/// An artifact as the user is told about it.
package struct LastArtifact: Codable, Sendable, Equatable {
    package var kind: ArtifactKind
    /// Path that can be used from the directory where the daemon was started.
    package var path: String
    /// One line that says what happened, such as `SIGSEGV in VirtioBlk.readConfig`.
    package var summary: String
    /// The whole command that runs this input again.
    package var reproduceCommand: String

    package init(kind: ArtifactKind, path: String, summary: String, reproduceCommand: String) {
        self.kind = kind
        self.path = path
        self.summary = summary
        self.reproduceCommand = reproduceCommand
    }
}

/// Children that did not end by themselves, by what ended them.
package struct KilledChildren: Codable, Sendable, Equatable {
    /// The whole-input limit ran out.
    package var inputTimeout = 0
    /// The operation limit, which the harness renews, ran out.
    package var operationTimeout = 0
    package var memory = 0
    /// Wrote a file beyond its size limit.
    package var fileSize = 0
    /// Wrote more output than the cap; what is beyond is dropped, the child lives on.
    package var outputDropped = 0
    /// Started more processes than it may.
    package var processes = 0
    /// Ended by a signal or a trap of its own.
    package var crashed = 0
    /// Called `exit` or left through `_exit` in the middle of an input.
    package var exitedEarly = 0

    package init() {}

    package var total: Int {
        inputTimeout + operationTimeout + memory + fileSize + processes + crashed + exitedEarly
    }
}

/// Where the wall time of all workers went, in nanoseconds summed up since the start.
package struct TimeShares: Codable, Sendable, Equatable {
    /// Inside `fork`, or restoring a snapshot.
    package var forkNanoseconds: UInt64 = 0
    /// The child running the input.
    package var childNanoseconds: UInt64 = 0
    /// Waiting for the dead child and collecting it.
    package var reapingNanoseconds: UInt64 = 0
    /// Between machine parent and daemon: ring, wake-ups, results.
    package var handOverNanoseconds: UInt64 = 0

    package init() {}

    package var totalNanoseconds: UInt64 {
        forkNanoseconds + childNanoseconds + reapingNanoseconds + handOverNanoseconds
    }
}
