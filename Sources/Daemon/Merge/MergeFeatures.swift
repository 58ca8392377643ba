import ForkServer
import Fuzzing

/// Turns what runs of a merge showed into entries of its control file.
struct MergeFeatures {
    private var seenFeatures: Set<UInt32> = []
    private var seenEdges: Set<UInt32> = []
    private let coverage: [Range<UInt32>]
    /// All features of each file, for a set cover; otherwise only those that no file before had.
    private let isFull: Bool
    private let usesCounters: Bool

    var featureCount: Int { seenFeatures.count }
    var edgeCount: Int { seenEdges.count }

    init(_ control: MergeControlFile, modules: ModuleTable, isFull: Bool, usesCounters: Bool) {
        self.isFull = isFull
        self.usesCounters = usesCounters
        coverage = modules.modules.filter(\.isCoverage).map {
            UInt32($0.firstEdge)..<UInt32($0.firstEdge + $0.counterCount)
        }
        for entry in control.entries {
            seenFeatures.formUnion(entry.features ?? [])
            seenEdges.formUnion(entry.edges)
        }
    }

    mutating func entry(_ run: CorpusMerge.Run, sizeBytes: Int) -> MergeControlFile.Entry {
        guard !run.verdict.isFinding else { return MergeControlFile.Entry(sizeBytes: sizeBytes, features: nil) }
        var entry = MergeControlFile.Entry(sizeBytes: sizeBytes, features: [])
        // The harness wants such an input in no corpus.
        if run.verdict.kind == .rejected { return entry }
        for counter in run.counters where counter & 0xFF != 0 {
            let edge = counter >> 8
            let feature = HitCountBucket.feature(edge: edge, hitCount: usesCounters ? UInt8(truncatingIfNeeded: counter) : 1)
            if seenFeatures.insert(feature).inserted || isFull { entry.features?.append(feature) }
            guard coverage.contains(where: { $0.contains(edge) }) else { continue }
            if seenEdges.insert(edge).inserted || isFull { entry.edges.append(edge) }
        }
        return entry
    }
}
