import ForkServer
import Storage

/// What one run of an input showed; a value.
package struct ObservedRun: Sendable {
    package var verdict: Verdict
    /// `nil` where nothing failed.
    package var signature: CrashSignature?
    /// As the campaign describes failures: its `signature` is what `ArtifactRecord` keeps.
    package var description: CrashDescription?
    /// Symbolised; `nil` where nothing failed.
    package var report: FailureReport?

    package var isFailure: Bool { signature != nil }
    package var milliseconds: Double { Double(verdict.timing.childNanoseconds) / 1e6 }
}

/// How several fresh runs of one input ended, counted.
package struct RunTally: Sendable, Codable, Equatable {
    /// Another failure than the one that is counted, and how often it came.
    package struct Other: Sendable, Codable, Equatable {
        package var signature: CrashSignature
        package var count: Int
    }

    /// Runs that an artifact gets.
    package static let usualRuns = 10

    package var runs: Int
    /// Runs that ended with the failure in question.
    package var same: Int
    /// Runs that went well.
    package var passed: Int
    /// In the order in which they were first seen.
    package var others: [Other]

    /// - Parameter signature: the failure in question.
    package init(_ observed: [ObservedRun], of signature: CrashSignature?) {
        runs = observed.count
        same = 0
        passed = 0
        others = []
        for run in observed {
            guard let found = run.signature else {
                passed += 1
                continue
            }
            if found == signature {
                same += 1
            } else if let index = others.firstIndex(where: { $0.signature == found }) {
                others[index].count += 1
            } else {
                others.append(Other(signature: found, count: 1))
            }
        }
    }

    /// ClusterFuzz's rule: the same failure in at least half of the runs.
    package var isStable: Bool { runs > 0 && 2 * same >= runs }

    /// `stable`, or `flaky 3/10`.
    package var label: String { isStable ? "stable" : "flaky \(same)/\(runs)" }
}
