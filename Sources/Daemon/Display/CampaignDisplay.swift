import ForkServer

/// What a campaign tells its user while it runs: the plain log or the live screen.
///
/// Called by the campaign loop only, from one thread, in this order: `started` once, then `event` and
/// `tick` in any order, `finished` once. A display writes to the terminal and nothing else; a failing
/// terminal never fails a campaign.
package protocol CampaignDisplay: AnyObject {
    /// The target is up and the corpus directories were listed; nothing has run yet.
    func started(_ start: CampaignStart)
    /// Something happened that libFuzzer would print a line for.
    func event(_ event: CampaignDisplayEvent, status: CampaignStatus)
    /// Called a few times a second, whether or not anything happened.
    func tick(_ status: CampaignStatus)
    /// The last call: restores the terminal and prints the summary.
    func finished(_ summary: CampaignSummary)
}

/// What is known when a campaign starts.
package struct CampaignStart: Sendable, Equatable {
    package var status: CampaignStatus
    /// Instrumented modules of the target, in the order of registration.
    package var modules: [InstrumentedModule]
    /// All `--corpus` directories; the first is where new inputs go.
    package var corpusDirectories: [String]
    /// Files found in them.
    package var corpusFileCount: Int
    /// Largest input that will be run.
    package var maxInputBytes: Int
    /// False where neither flag nor config named a maximum and it was taken from the corpus.
    package var maxInputBytesWasGiven: Bool
    /// Entries of the dictionary, 0 without one.
    package var dictionaryEntries: Int
    /// Directory of the artifacts, ending in `/`, as libFuzzer's `artifact_prefix`.
    package var artifactPrefix: String

    package init(
        status: CampaignStatus, modules: [InstrumentedModule], corpusDirectories: [String],
        corpusFileCount: Int, maxInputBytes: Int, maxInputBytesWasGiven: Bool, dictionaryEntries: Int,
        artifactPrefix: String
    ) {
        self.status = status
        self.modules = modules
        self.corpusDirectories = corpusDirectories
        self.corpusFileCount = corpusFileCount
        self.maxInputBytes = maxInputBytes
        self.maxInputBytesWasGiven = maxInputBytesWasGiven
        self.dictionaryEntries = dictionaryEntries
        self.artifactPrefix = artifactPrefix
    }
}

/// A module of the target that carries edge counters.
package struct InstrumentedModule: Sendable, Equatable {
    package var counters: Int
    /// Where its counters and its PC table lie in the machine parent; 0 where unknown.
    package var countersAddress: UInt64
    package var pcTableAddress: UInt64

    package init(counters: Int, countersAddress: UInt64 = 0, pcTableAddress: UInt64 = 0) {
        self.counters = counters
        self.countersAddress = countersAddress
        self.pcTableAddress = pcTableAddress
    }
}

/// Something that libFuzzer prints a line for, or that a user must be told at once.
package enum CampaignDisplayEvent: Sendable {
    /// The corpus is about to be run.
    case read(units: Int)
    /// The whole corpus was run once.
    case initialised
    /// An input with new features went into the corpus.
    case new(KeptInput)
    /// An input took the place of a longer one with the same features.
    case reduced(KeptInput)
    /// Files that somebody else put into the corpus were run; how many of them showed something new.
    case reloaded(files: Int, kept: Int)
    /// libFuzzer's heartbeat, at each power of two of executions.
    case pulse
    /// A verified artifact was written.
    case artifact(ArtifactReport)
    /// An input took long; `path` is where it was saved.
    case slowUnit(seconds: UInt64, input: [UInt8], path: String?)
    /// What an input that passed printed.
    case targetOutput([UInt8])
    /// An input of the corpus was written.
    case written(bytes: Int, path: String)
    /// Places that the latest new input reached first.
    case newCode(NewCode)
    /// The machine parent of a worker was lost and started again.
    case restarted(worker: Int, reason: String)
    case paused
    case resumed
    /// Anything else worth one line; `WARNING: ` is put in front.
    case warning(String)
    /// Anything else worth one line; `INFO: ` is put in front.
    case info(String)
}

/// The input behind a `NEW` or `REDUCE` line.
package struct KeptInput: Sendable, Equatable {
    package var sizeBytes: Int
    /// Size of the largest input in the corpus.
    package var largestBytes: Int
    /// Names of the mutations, first to last, as libFuzzer spells them: `ChangeBit`, `CopyPart`.
    package var mutations: [String]
    /// Dictionary words that the mutations used, raw.
    package var dictionaryWords: [[UInt8]]

    package init(sizeBytes: Int, largestBytes: Int, mutations: [String], dictionaryWords: [[UInt8]] = []) {
        self.sizeBytes = sizeBytes
        self.largestBytes = largestBytes
        self.mutations = mutations
        self.dictionaryWords = dictionaryWords
    }
}

/// A verified artifact, with what the report prints about it.
package struct ArtifactReport: Sendable {
    package var artifact: LastArtifact
    /// The process that died.
    package var processID: Int32
    /// What the report's `ERROR:` line says, such as `deadly signal: SIGSEGV at 0x0000000000000010`.
    package var error: String
    /// Backtrace, innermost frame first, each without its `#n`.
    package var stack: [String]
    /// Mutations that made the input; empty for an input of the corpus.
    package var mutations: [String]
    /// SHA-1 of the input that was mutated, in hexadecimal; `nil` for an input of the corpus.
    package var baseUnit: String?
    /// Dictionary words that the mutations used, raw.
    package var dictionaryWords: [[UInt8]] = []
    package var input: [UInt8]
    /// The backtrace as it is.
    package var frames: [StackFrame] = []
    /// How the child ended.
    package var verdict: Verdict?
    /// What a sanitizer printed, symbolised; empty if it was none.
    package var sanitizerReport: [String]

    package init(
        artifact: LastArtifact, processID: Int32, error: String, stack: [String] = [],
        mutations: [String] = [], baseUnit: String? = nil, input: [UInt8], sanitizerReport: [String] = []
    ) {
        self.sanitizerReport = sanitizerReport
        self.artifact = artifact
        self.processID = processID
        self.error = error
        self.stack = stack
        self.mutations = mutations
        self.baseUnit = baseUnit
        self.input = input
    }
}

/// The end of a campaign.
package struct CampaignSummary: Sendable, Equatable {
    package var status: CampaignStatus
    /// Why it ended, as a sentence's end: `runs limit reached`, `interrupted`.
    package var reason: String
    /// Artifacts of this run, oldest first.
    package var artifacts: [LastArtifact]
    /// First corpus directory.
    package var corpusDirectory: String
    /// For libFuzzer's statistics at the end.
    package var newInputs: UInt64 = 0
    package var slowestSeconds: UInt64 = 0
    package var peakResidentKibibytes: UInt64 = 0
    /// Words that led to new coverage.
    package var recommendedDictionary: [[UInt8]] = []
    /// Lines about the corpus, where a flag asked for them.
    package var corpusLines: [String] = []

    /// The reason after Ctrl-C or SIGTERM.
    package static let interrupted = "interrupted"
    /// The reason after SIGUSR1 or SIGUSR2.
    package static let asked = "asked to by a signal"
    /// How the reason begins where fuzzing ends at an input or at a function.
    static let itemPrefix = "found item with checksum "
    static let functionPrefix = "found line matching "

    static func isItem(_ reason: String) -> Bool {
        reason.hasPrefix(itemPrefix) || reason.hasPrefix(functionPrefix)
    }

    package init(
        status: CampaignStatus, reason: String, artifacts: [LastArtifact], corpusDirectory: String
    ) {
        self.status = status
        self.reason = reason
        self.artifacts = artifacts
        self.corpusDirectory = corpusDirectory
    }
}
