@_exported import enum Fuzzing.InputFormat

/// What `fuzzd minimize` was asked to do.
package struct MinimizeOptions: Sendable, Equatable {
    package var configPath: String
    package var artifactPath: String
    /// `nil`: beside the artifact, under a name made of it.
    package var outputPath: String?
    /// `nil` takes the config's number.
    package var workers: Int?
    /// Candidates to try at most.
    package var runs: UInt64?
    package var maxTotalTimeSeconds: UInt64?
    package var seed: UInt64
    /// `nil`: what the config's harness takes.
    package var format: InputFormat?
    /// Runs of each candidate; `nil`: one for what fails each time, as many as it takes for what does not.
    package var repeats: Int?

    package init(
        configPath: String, artifactPath: String, outputPath: String? = nil, workers: Int? = nil, runs: UInt64? = nil,
        maxTotalTimeSeconds: UInt64? = nil, seed: UInt64 = 1, format: InputFormat? = nil,
        repeats: Int? = nil
    ) {
        self.configPath = configPath
        self.artifactPath = artifactPath
        self.outputPath = outputPath
        self.workers = workers
        self.runs = runs
        self.maxTotalTimeSeconds = maxTotalTimeSeconds
        self.seed = seed
        self.format = format
        self.repeats = repeats
    }
}
