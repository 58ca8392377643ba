import Daemon
import Devices
import ForkServer
import Foundation
import Fuzzing
import Machine
import Testing

/// The minimiser on the built-in machine: a known input of each planted bug, padded with random operations, comes back to within
/// two operations of the shortest reproducer we know.
@Suite struct MinimizedPlantedBugTests {
    /// Operations that a result may have more than the shortest input we know.
    private static let tolerance = 2
    /// Operations of the shortest reproducers that are known: one pattern may serve many reads, so some are shorter than what a driver
    /// would write. `scripts/prove-planted-bugs` reads the same file.
    private static let shortest: [String: Int] = {
        let path = #filePath.components(separatedBy: "/Tests/")[0] + "/Tests/PlantedBugs.tsv"
        let lines = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            lines.map { $0.split(separator: "\t") }.compactMap { row in Int(row[2]).map { (String(row[0]), $0) } },
            uniquingKeysWith: { first, _ in first })
    }()
    /// Tries that are enough for operations; those that wait for a time limit each time take long.
    private static let tries: UInt64 = 700
    private static let slowTries: UInt64 = 250

    @Test(arguments: GenericPlantedBugTests.names) func paddingIsFoundAndRemoved(name: String) throws {
        let bug = try #require(PlantedBug.named(name))
        let known = GenericPlantedBugTests.input(name)
        let runner = try CandidateRunner(configuration: configuration(name))
        defer { runner.stop() }
        let outcomes = try runner.outcomes(of: known, times: 2).map(\.outcome)
        let wanted = try #require(outcomes.first)
        try #require(wanted.isFinding)
        #expect(outcomes.allSatisfy { $0 == wanted })

        let seed = UInt64(known.count)
        let padded = try #require(try padded(known, runner, wanted, seed: seed), "\(name): no padding keeps the failure, seed \(seed)")
        let isSlow = bug.consequence == .endless
        var minimizer = Minimizer(
            input: padded, format: .genericFuzz, seed: seed, maxTries: isSlow ? Self.slowTries : Self.tries)
        try runner.run(&minimizer, wanted: wanted, isEnough: { false }, onProgress: { _ in })

        #expect(Set(Self.shortest.keys) == Set(GenericPlantedBugTests.names))
        let counts = [known, padded, minimizer.best].map(GenericFuzzInput.operationCount)
        print("\(name): \(counts[0]) operations known, padded to \(counts[1]), minimised to \(counts[2]); \(minimizer.tries) tries")
        #expect(counts[2] <= (try #require(Self.shortest[name])) + Self.tolerance, "\(name), seed \(seed)")
        #expect(minimizer.best.count < padded.count, "\(name), seed \(seed)")
        #expect(try runner.outcomes(of: minimizer.best, times: 2).allSatisfy { $0.outcome == wanted }, "\(name), seed \(seed)")
    }

    private func configuration(_ name: String) -> TargetConfiguration {
        let directory = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        var configuration = TargetConfiguration(program: directory.appendingPathComponent("pc-fuzz").path)
        configuration.arguments = [
            "--harness", "generic", "--objects", GenericPlantedBugTests.globs(name), "--bug", name,
        ]
        configuration.limits.memoryBytes = 512 << 20
        configuration.limits.inputTimeoutMicroseconds = 5_000_000
        // Memory must be full before the time is over, on a busy host too; a little of it, as each try fills it.
        if PlantedBug.named(name)?.consequence == .unboundedAllocation {
            configuration.limits.memoryBytes = 192 << 20
            configuration.limits.inputTimeoutMicroseconds = 2_000_000
            configuration.limits.operationTimeoutMicroseconds = 2_000_000
        }
        return configuration
    }

    /// Random operations around and between those of an input, at least five, such that it fails as before; `nil` if none do.
    private func padded(_ known: [UInt8], _ runner: CandidateRunner, _ wanted: Outcome, seed: UInt64) throws -> [UInt8]? {
        var random = RandomSource(seed: seed)
        for attempt in 0..<60 {
            // Fewer with each attempt: what a queue is set up with does not stand much in between.
            let gaps = max(2, 12 - attempt / 5)
            var operations: [GenericFuzzOperation] = []
            for operation in GenericFuzzInput(known).operations {
                while random.below(12) < gaps / 3 { operations.append(Self.noise(&random)) }
                operations.append(operation)
            }
            for _ in 0..<gaps { operations.append(Self.noise(&random)) }
            for _ in 0..<random.below(gaps) { operations.insert(Self.noise(&random), at: 0) }
            let padded = GenericFuzzInput(operations: operations)
            guard padded.operations.count >= GenericFuzzInput.operationCount(known) + 5 else { continue }
            if try runner.outcomes(of: padded.bytes, times: 1)[0].outcome == wanted { return padded.bytes }
        }
        return nil
    }

    /// Any operation with room for all operands and some bytes more.
    private static func noise(_ random: inout RandomSource) -> GenericFuzzOperation {
        GenericFuzzOperation((0..<(17 + random.below(8))).map { _ in random.byte() })
    }
}
