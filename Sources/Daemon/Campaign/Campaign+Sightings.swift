import Foundation
import ForkServer
import Fuzzing
import Storage

// What triage will want to know: how often each failure was seen, smaller inputs that show it, and what a runner took before.
extension Campaign {
    func openSightings() {
        guard let store = artifacts as? ArtifactStore else { return }
        // A log that cannot be opened costs counts, never a campaign.
        sightings = try? SightingLog(stateDirectory: store.path + "/" + AtomicDirectory.stateDirectoryName)
    }

    /// Called for each verdict, after its events were carried out.
    func noteSighting(_ outcome: Outcome, of input: UnsafeBufferPointer<UInt8>) {
        if let signature = outcome.signature, let kind = outcome.artifactKind, sightings != nil {
            let now = Date()
            let new = SightingLog.Sighting(kind: kind, signature: signature, count: 0, firstSeen: now, lastSeen: now)
            let key = kind.rawValue + ":" + signature
            uncountedSightings[key, default: new].count += 1
            uncountedSightings[key, default: new].lastSeen = now
            keepIfSmaller(input, kind, signature)
        }
        guard !recentInputs.isEmpty else { return }
        // A failure ends the runner, and what its inputs left ends with it.
        if outcome.isFinding {
            recentInputs[currentWorker].removeAll()
        } else {
            recentInputs[currentWorker].append(Array(input))
        }
    }

    /// About once a second and at the end: what was counted is added to the log.
    func saveSightings() {
        guard let sightings, !uncountedSightings.isEmpty else { return }
        let counted = uncountedSightings.keys.sorted().compactMap { uncountedSightings[$0] }
        guard (try? sightings.add(counted)) != nil else { return }
        uncountedSightings = [:]
    }

    func noteSize(_ size: Int, of signature: String) {
        smallestSizes[signature] = min(size, smallestSizes[signature] ?? .max)
    }

    /// `fuzzd crashes` verifies the smallest input of a known failure and makes an artifact of it.
    private func keepIfSmaller(_ input: UnsafeBufferPointer<UInt8>, _ kind: ArtifactKind, _ signature: String) {
        guard let smallest = smallestSizes[signature], input.count < smallest, let store = artifacts as? ArtifactStore,
            knownSignatures.contains(signature)
        else { return }
        var candidates = SmallerInputs(artifactDirectory: store.path)
        guard (try? candidates.write(Array(input), kind: kind, signature: signature)) != nil else { return }
        smallestSizes[signature] = input.count
    }

    // MARK: Inputs before a failure

    /// A child under `fork` has seen nothing before its input.
    func beginRecentInputs() {
        let strategy = settings.target.strategy
        guard strategy != .fork, artifacts is ArtifactStore else { return }
        recentInputs = [RecentInputs](repeating: RecentInputs(reset: strategy.rawValue), count: server.workerCount)
    }

    func keepRecentInputs(of finding: Finding) {
        guard !recentInputs.isEmpty else { return }
        foundRecentInputs[finding.foundAtExecution] = recentInputs[currentWorker]
    }

    /// Saves them where the failure did not happen again, and under `none`, where a second run may have found the same state.
    func settleRecentInputs(of finding: Finding) {
        guard let recent = foundRecentInputs.removeValue(forKey: finding.foundAtExecution), !recent.inputs.isEmpty,
            !finding.isVerified || settings.target.strategy == .none, let kind = finding.outcome.artifactKind,
            let signature = finding.outcome.signature, !knownSignatures.contains(signature),
            let store = artifacts as? ArtifactStore
        else { return }
        do {
            try store.writeNote(
                recent.encoded(), beside: ArtifactStore.name(kind: kind, input: finding.bytes), suffix: RecentInputs.suffix)
        } catch { warn("\(error); the inputs before a failure are lost") }
    }
}
