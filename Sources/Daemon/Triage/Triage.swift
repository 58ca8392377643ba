import Foundation
import ForkServer
import Storage

/// Verifies artifacts of one campaign: ten fresh runs each (five of a hang), their signature, and why some are flaky. Results are kept beside the
/// artifacts and used again while the target stays what it is.
///
/// Owned by one thread, which must live as long as the target. The target is started when the first artifact needs it.
package final class Triage {
    private let target: TargetConfiguration
    private let stamp: String
    private let isSymbolized: Bool
    private var runner: CrashRunner?
    private var longestInput: Int

    /// Runs of a hang after which it is told: it happened in more than half of ten then, and each takes the whole limit.
    private static let decisiveHangs = RunTally.usualRuns / 2

    /// - Parameters:
    ///   - target: of the campaign's config; inputs are run under `fork`, whatever its strategy.
    ///   - longestInputBytes: of the artifacts that will be triaged.
    package init(
        target: TargetConfiguration, longestInputBytes: Int,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.target = target
        longestInput = longestInputBytes
        stamp = TriageRecord.stamp(of: target)
        isSymbolized = SymbolizerLocator.find(environment: environment) != nil
    }

    deinit { runner?.stop() }

    /// What is known of an artifact already; `nil` where it has to be run, as one whose bytes changed since.
    package func known(_ entry: ArtifactFolder.Entry, in folder: ArtifactFolder) -> TriageRecord? {
        guard entry.isWhole, let bytes = folder.note(entry.name, suffix: TriageRecord.suffix),
            let record = TriageRecord(decoding: bytes), record.target == stamp, record.isSymbolized || !isSymbolized
        else { return nil }
        return record
    }

    /// Whether the target came up.
    package var hasStarted: Bool { runner != nil }

    /// Runs an artifact and says what it is. Writes nothing.
    package func examine(_ entry: ArtifactFolder.Entry, recent: RecentInputs?) throws -> TriageRecord {
        do throws(ForkServerError) {
            let runner = try started()
            let runs = try repeated(entry.input, runner)
            let chosen = Self.failure(in: runs, recorded: entry.record)
            var signature = chosen?.signature ?? entry.record.map(CrashSignature.init)
                ?? CrashSignature(kind: entry.kind, errorType: entry.kind.rawValue, stack: [])
            let tally = RunTally(runs, of: signature)
            var stack = chosen?.report?.stack ?? chosen?.description?.frames ?? []
            if let chosen, stack.isEmpty, signature.frames.isEmpty {
                stack = try runner.hangStack(of: entry.input, nanoseconds: chosen.verdict.timing.childNanoseconds)
                signature = CrashSignature(kind: signature.kind, errorType: signature.errorType, stack: stack, isSampled: true)
            }
            return TriageRecord(
                signature: signature, isAsRecorded: Self.isAsRecorded(chosen, entry.record), tally: tally,
                cause: try cause(entry, recent, runs, tally), stack: stack.map(ArtifactFrame.init),
                report: chosen?.report.flatMap { $0.lines.isEmpty ? nil : $0.lines }, isSymbolized: isSymbolized,
                target: stamp, triagedAt: Date())
        } catch {
            throw CommandFailure(.targetUnusable, error.description)
        }
    }

    private func started() throws(ForkServerError) -> CrashRunner {
        if let runner { return runner }
        var target = target
        target.strategy = .fork
        let started = try CrashRunner(target: target, maxInputBytes: longestInput)
        runner = started
        return started
    }

    /// Ten runs; fewer of a hang that needs no more to be told.
    private func repeated(_ input: [UInt8], _ runner: CrashRunner) throws(ForkServerError) -> [ObservedRun] {
        var runs: [ObservedRun] = []
        while runs.count < RunTally.usualRuns {
            let run = try runner.run(input)
            runs.append(run)
            guard run.signature?.kind == .timeout || run.signature?.kind == .outOfMemory else { continue }
            if runs.count == Self.decisiveHangs, runs.allSatisfy({ $0.signature?.kind == run.signature?.kind }) { break }
        }
        return runs
    }

    /// The failure that is the artifact's: as recorded where that happened, else the most frequent one.
    private static func failure(in runs: [ObservedRun], recorded: ArtifactRecord?) -> ObservedRun? {
        let failed = runs.filter(\.isFailure)
        if let run = failed.first(where: { isAsRecorded($0, recorded) }) { return run }
        var best: (run: ObservedRun, count: Int)?
        for run in failed {
            let count = failed.count { $0.signature == run.signature }
            if count > best?.count ?? 0 { best = (run, count) }
        }
        return best?.run
    }

    private static func isAsRecorded(_ run: ObservedRun?, _ record: ArtifactRecord?) -> Bool {
        guard let record, let run else { return true }
        guard run.signature?.kind == record.kind else { return false }
        guard !record.signature.isEmpty, let present = run.description?.signature else { return record.signature.isEmpty }
        return Signature.isSame(recorded: record.signature, present: present)
    }

    private func cause(
        _ entry: ArtifactFolder.Entry, _ recent: RecentInputs?, _ runs: [ObservedRun], _ tally: RunTally
    ) throws(ForkServerError) -> FlakyCause? {
        guard !tally.isStable else { return nil }
        let diagnosis = FlakyDiagnosis(
            target: target, entry: entry, recent: recent, runs: runs, threadCount: runner?.modules?.threads.count ?? 0)
        do { return try diagnosis.cause() } catch let error as ForkServerError { throw error } catch {
            throw ForkServerError(.parentLost, program: target.program, cause: "\(error)")
        }
    }
}
