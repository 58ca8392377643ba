import ForkServer
import Fuzzing
import Storage

/// Makes an artifact smaller that fails only behind earlier inputs: the list of these first, then the artifact, then each of them.
///
/// Owned by one thread. Each try has a runner of its own, which costs a start of the target where the one before was not ended by
/// the failure; so this is slow, and one worker does it.
final class StateMinimization {
    /// Everything that is run, in its order: the earlier inputs, then the artifact.
    struct Inputs {
        var earlier: [[UInt8]]
        var artifact: [UInt8]
    }

    private let replay: StateReplay
    private let recent: RecentInputs
    private let format: InputFormat
    private let seed: UInt64
    private var triesLeft: UInt64
    private let isEnough: () -> Bool
    /// Sequences that were run, those that made the list shorter left out.
    private(set) var tries: UInt64 = 0
    /// Whether nothing was left to try.
    private(set) var isDone = true

    init(
        replay: StateReplay, recent: RecentInputs, format: InputFormat, seed: UInt64, maxTries: UInt64?,
        isEnough: @escaping () -> Bool
    ) {
        self.replay = replay
        self.recent = recent
        self.format = format
        self.seed = seed
        triesLeft = maxTries ?? .max
        self.isEnough = isEnough
    }

    /// The list as short as possible; `nil` where the artifact does not fail behind all of it.
    func neededInputs() throws -> [[UInt8]]? {
        try replay.neededInputs(of: recent, isEnough: isEnough)
    }

    /// - Parameters:
    ///   - start: fails.
    ///   - onProgress: after each try.
    ///   - onSmaller: each time that something became smaller.
    func minimize(
        _ start: Inputs, onProgress: (Minimizer) -> Void, onSmaller: (Inputs) throws -> Void
    ) throws -> Inputs {
        var best = start
        try minimize(best.artifact, onProgress) { candidate in
            try replay.shows(candidate, behind: best.earlier)
        } onSmaller: { smaller in
            best.artifact = smaller
            try onSmaller(best)
        }
        for index in best.earlier.indices.reversed() {
            try minimize(best.earlier[index], onProgress) { candidate in
                var earlier = best.earlier
                earlier[index] = candidate
                return try replay.shows(best.artifact, behind: earlier)
            } onSmaller: { smaller in
                best.earlier[index] = smaller
                try onSmaller(best)
            }
        }
        return best
    }

    private func minimize(
        _ input: [UInt8], _ onProgress: (Minimizer) -> Void, shows: ([UInt8]) throws -> Bool,
        onSmaller: ([UInt8]) throws -> Void
    ) throws {
        var minimizer = Minimizer(input: input, format: format, seed: seed, maxTries: triesLeft)
        while !isEnough(), let candidate = minimizer.nextCandidate() {
            let accepted = minimizer.acceptedCount
            minimizer.settle(candidate, stillFails: try shows(candidate.input))
            tries += 1
            onProgress(minimizer)
            if minimizer.acceptedCount > accepted { try onSmaller(minimizer.best) }
        }
        triesLeft -= min(triesLeft, minimizer.tries)
        if isEnough() || triesLeft == 0 { isDone = false }
    }
}
