import Storage

/// What a campaign leaves behind and what ends it, where libFuzzer's command line wants it otherwise than `fuzzd start`. The
/// defaults are those of `fuzzd start`.
package struct CampaignRules: Sendable {
    /// Where artifacts go: `nil` is the campaign's artifact directory with records, else libFuzzer's flags.
    package var plainArtifacts: PlainArtifactNames?
    /// Nothing but inputs is left in corpus directories: no lock, no counters, no history.
    package var leavesInputsOnly = false
    /// Kinds of finding that end the campaign.
    package var endsAtKinds: Set<ArtifactKind> = []
    /// `-runs` counts every execution, those of the seeds too.
    package var runsIncludeSeeds = false
    /// Crashes that did not happen again are reported all the same.
    package var reportsUnverified = false
    /// The campaign ends as soon as this file is there.
    package var stopFile: String?
    /// It ends when the input of this SHA-1 entered the corpus.
    package var endsAtInputNamed: String?
    /// It ends when a place was reached whose function or position contains this.
    package var endsAtPlace: String?
    /// It ends after so many seconds without a new input; 0 never.
    package var endsAfterSecondsWithoutFind = 0
    /// The corpus is read again after so many seconds; 0 never.
    package var reloadSeconds = 0
    /// Further seeds, by path.
    package var seedFiles: [String] = []
    /// An input that takes so long, and is the slowest yet, is reported and saved; 0 never.
    package var slowUnitSeconds = 0
    /// The features of each input go to a file of its name there.
    package var featuresDirectory: String?
    /// The harness's own cross-over is used where it has one, whatever the options say.
    package var asksHarnessForCrossOver = false
    /// A harness that mutates by itself may make inputs of full length at once.
    package var letsHarnessChooseLength = false
    /// What inputs that pass print is passed on.
    package var passesOutput = false
    /// What was reached is kept by place, for `NEW_FUNC` lines and the report at the end.
    package var notesCoverage = false
    package var printsCorpus = false
    /// Each file that was written to the corpus is told.
    package var tellsWrites = false
    /// Reports about coverage at the end: by function, and with the line of each edge.
    package var printsCoverage = false
    package var printsFullCoverage = false
    /// New places are described for `NEW_PC` lines.
    package var describesNewPlaces = false
    /// So many new functions of an input are described otherwise.
    package var describedNewFunctions = 0
    /// SIGUSR1 and SIGUSR2 end the campaign gracefully; SIGINT and SIGTERM interrupt it.
    package var signals: Set<Int32> = [2, 15]
    /// A graph of inputs and mutations, in DOT.
    package var mutationGraphPath: String?

    package init() {}
}

/// libFuzzer's `-artifact_prefix` and `-exact_artifact_path`.
package struct PlainArtifactNames: Sendable, Equatable {
    package var prefix: String
    package var exactPath: String?

    package init(prefix: String = "./", exactPath: String? = nil) {
        self.prefix = prefix
        self.exactPath = exactPath
    }
}
