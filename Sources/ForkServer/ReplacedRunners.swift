import CForkServerABI

/// How often a runner was replaced, and why: mostly because an input changed what a reset cannot undo. Strategy `snapshot` only;
/// counted by the target since its start.
package struct ReplacedRunners: Codable, Sendable, Equatable {
    package var count: UInt64
    /// What inputs changed, or a clause of `otherCauses`, in a fixed order (`enum fuzzd_change`).
    package var causes: [String]

    package init(count: UInt64 = 0, causes: [String] = []) {
        self.count = count
        self.causes = causes
    }

    init(count: UInt64, changes: UInt64) {
        self.count = count
        causes = Self.names.filter { changes & UInt64($0.change.rawValue) != 0 }.map(\.name)
    }

    private static let names: [(change: fuzzd_change, name: String)] = [
        (FUZZD_CHANGE_MAPPINGS, "mappings"), (FUZZD_CHANGE_DESCRIPTORS, "descriptors"),
        (FUZZD_CHANGE_SIGNALS, "signals"), (FUZZD_CHANGE_THREADS, "threads"), (FUZZD_CHANGE_TIMERS, "timers"),
        (FUZZD_CHANGE_FILE_SYSTEM, "file system"), (FUZZD_CHANGE_OTHER, "other"),
        (FUZZD_CHANGE_OVERFLOW, "too many changes"), (FUZZD_CHANGE_PROGRAM, otherCauses[0]),
        (FUZZD_CHANGE_REFUSED, otherCauses[1]), (FUZZD_CHANGE_ENDED, otherCauses[2]),
        (FUZZD_CHANGE_DIFFERENCE, otherCauses[3]),
    ]
    /// Causes that are no changes of an input.
    package static let otherCauses = [
        "inputs started programs", "the kernel refused a step", "they ended between two inputs",
        "they differed from the snapshot",
    ]

    /// Adds what a target counted that has since been replaced by another one.
    package static func + (first: ReplacedRunners, second: ReplacedRunners) -> ReplacedRunners {
        let both = Set(first.causes + second.causes)
        return ReplacedRunners(
            count: first.count + second.count, causes: names.map(\.name).filter { both.contains($0) })
    }
}
