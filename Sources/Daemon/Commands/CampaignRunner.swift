/// Runs `fuzzd start`.
package enum CampaignRunner {
    /// Starts a campaign and returns when it ended.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: StartOptions) throws -> FuzzdExitCode {
        throw CommandFailure(.failure, "'fuzzd start' is not built yet")
    }
}
