import ForkServer
import Storage

/// Finds out whether a failure needs what earlier inputs left in its runner: replays them, then leaves out what is not needed.
///
/// Owned by one thread. Each trial has a runner of its own, which costs a start of the target where the one before was not
/// ended by the failure.
struct StateReplay {
    /// Trials and time at most; the best list so far counts.
    static let trialLimit = 400
    static let limitSeconds = 60.0

    private let runner: CrashRunner
    private let artifact: [UInt8]
    private let signature: String
    private let deadline: Double

    /// - Parameters:
    ///   - target: how the artifact is run alone; the strategy is the list's.
    ///   - signature: `ArtifactRecord.signature` of the failure.
    init?(
        target: TargetConfiguration, artifact: [UInt8], recent: RecentInputs, signature: String
    ) throws(ForkServerError) {
        guard let strategy = ResetStrategy(rawValue: recent.reset), strategy != .fork, !recent.inputs.isEmpty else { return nil }
        var target = target
        target.strategy = strategy
        let longest = recent.inputs.map(\.count).max() ?? 0
        runner = try CrashRunner(target: target, maxInputBytes: max(longest, artifact.count))
        self.artifact = artifact
        self.signature = signature
        deadline = CampaignClock.now() + Self.limitSeconds
    }

    func stop() { runner.stop() }

    /// The earlier inputs that are needed, in their order; `nil` where replaying all of them does not show the failure.
    ///
    /// - Parameter isEnough: ends the search before its own limits do.
    func neededInputs(of recent: RecentInputs, isEnough: () -> Bool = { false }) throws -> [[UInt8]]? {
        let all = recent.inputs.map(Array.init)
        guard try shows(artifact, behind: all) else { return nil }
        var trials = 0
        return try DeltaDebugging.minimize(all) { list in
            trials += 1
            guard trials <= Self.trialLimit, CampaignClock.now() < deadline, !isEnough() else { return nil }
            return try shows(artifact, behind: list)
        }
    }

    /// Whether an input fails as recorded behind others, and none of these before it.
    func shows(_ input: [UInt8], behind inputs: [[UInt8]]) throws -> Bool {
        let runs = try runner.run(sequence: inputs + [input])
        guard let last = runs.last else { return false }
        let isShown = last.description?.signature == signature && !runs.dropLast().contains(where: \.isFailure)
        // A runner that failed is gone; one that did not has the state of these inputs.
        if !last.isFailure { try runner.restart() }
        return isShown
    }
}
