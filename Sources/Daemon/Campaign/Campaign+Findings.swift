import Foundation
import ForkServer
import Fuzzing
import Storage

/// A verified finding whose artifact is on its way to the disk.
struct UnannouncedFinding {
    var name: String
    var record: ArtifactRecord
    var report: ArtifactReport
    var elapsedMilliseconds: UInt64
    var input: [UInt8]

    /// Takes over what the symboliser found.
    mutating func add(_ failure: FailureReport) {
        record.stack = failure.stack.map(ArtifactFrame.init)
        record.report = failure.lines.isEmpty ? nil : failure.lines
        report.stack = failure.stack.map(\.reportText)
        report.frames = failure.stack
        report.sanitizerReport = failure.lines
    }
}

// Findings. A crash is saved the moment it is seen and completed when its re-run is done.
extension Campaign {
    func saveUnverified(_ finding: Finding) {
        guard let signature = finding.outcome.signature, !knownSignatures.contains(signature) else { return }
        foundVerdicts[finding.foundAtExecution] = currentVerdict
        // Where a finding ends the campaign there is one artifact, that of the finding which is reported.
        guard settings.rules.endsAtKinds.isEmpty, let record = record(of: finding, isVerified: false) else { return }
        store(finding.bytes, record)
    }

    func settle(_ finding: Finding) {
        let found = foundVerdicts.removeValue(forKey: finding.foundAtExecution)
        guard endReason == nil else { return }
        if let signature = finding.outcome.signature, knownSignatures.contains(signature) { return }
        guard finding.isVerified || settings.rules.reportsUnverified else {
            warn("\(describe(finding).summary) did not happen again when its input was run again; kept unverified")
            return
        }
        // The verdict of a run that went well says nothing of the failure.
        let passing = currentVerdict
        if !finding.isVerified {
            currentVerdict = found ?? currentVerdict
            warn("this did not happen again when the input was run again")
        }
        defer { currentVerdict = passing }
        guard let record = record(of: finding, isVerified: finding.isVerified) else { return }
        if let signature = finding.outcome.signature { knownSignatures.insert(signature) }
        let name = ArtifactStore.name(kind: record.kind, input: finding.bytes)
        let artifact = LastArtifact(
            kind: record.kind, path: artifacts.path(kind: record.kind, input: finding.bytes), summary: describe(finding).summary,
            reproduceCommand: record.reproduce)
        let unannounced = UnannouncedFinding(
            name: name, record: record, report: report(finding, artifact),
            elapsedMilliseconds: UInt64(clock.elapsedSeconds * 1000), input: finding.bytes)
        if settings.rules.endsAtKinds.contains(record.kind) {
            endReason = "found a \(record.kind.rawValue)"
            endKind = record.kind
        }
        let description = describe(finding)
        guard let reporter, !description.frames.isEmpty || description.report != nil else { return keep(unannounced) }
        // On disk first, whatever the symboliser does.
        store(finding.bytes, record)
        unreported[reportCount] = unannounced
        reporter.begin(reportCount, description)
        reportCount += 1
    }

    /// Findings whose report is done are written anew, with it, and announced.
    func takeReports() {
        guard !unreported.isEmpty, let reporter else { return }
        for (id, report) in reporter.takeFinished() {
            guard var finding = unreported.removeValue(forKey: id) else { continue }
            finding.add(report)
            keep(finding)
        }
    }

    /// At the end: reports that are not done by now are announced as they are.
    func finishReports() {
        guard !unreported.isEmpty else { return }
        reporter?.wait()
        takeReports()
        for id in unreported.keys.sorted() { unreported.removeValue(forKey: id).map(keep) }
    }

    private func keep(_ finding: UnannouncedFinding) {
        unannounced.append(finding)
        store(finding.input, finding.record)
    }

    /// Counts and shows a finding whose artifact is on disk.
    func announce(_ finding: UnannouncedFinding) {
        let artifact = finding.report.artifact
        status.artifacts[artifact.kind] += 1
        status.lastArtifact = artifact
        writtenArtifacts.append(artifact)
        try? history?.add(
            HistoryFinding(
                kind: artifact.kind, signature: finding.record.signature, artifact: finding.name,
                executions: finding.record.executions, elapsedMilliseconds: finding.elapsedMilliseconds, verified: finding.record.verified),
            to: historyCampaign)
        updateStatus()
        display.event(.artifact(finding.report), status: status)
    }

    private func describe(_ finding: Finding) -> CrashDescription {
        guard let verdict = currentVerdict, let describer else {
            return CrashDescription(signature: "", frames: [], summary: "a finding", error: "a finding")
        }
        return describer.describe(verdict)
    }

    private func record(of finding: Finding, isVerified: Bool) -> ArtifactRecord? {
        guard let kind = finding.outcome.artifactKind, let verdict = currentVerdict else { return nil }
        let description = describe(finding)
        let output = String(decoding: verdict.output.suffix(4096), as: UTF8.self)
        return ArtifactRecord(
            kind: kind, signature: finding.outcome.signature ?? "", signal: verdict.signal == 0 ? nil : verdict.signal,
            signalName: verdict.signal == 0 ? nil : signalName(verdict.signal),
            message: output.split(separator: "\n").first { $0.contains("rror") }.map(String.init),
            stack: description.frames.map(ArtifactFrame.init),
            size: finding.bytes.count, harness: settings.harness, config: settings.configPath,
            seed: settings.fuzzer.seed,
            reproduce: Self.reproduceCommand(
                config: settings.configPath, artifact: artifacts.path(kind: kind, input: finding.bytes)),
            verified: isVerified, firstSeen: Date(), executions: finding.foundAtExecution, output: output)
    }

    /// A command that works in the directory where the daemon was started, as the daemon itself was called.
    static func reproduceCommand(config: String, artifact: String) -> String {
        let called = CommandLine.arguments.first ?? "fuzzd"
        let program = called.hasSuffix("fuzzd") ? called : "fuzzd"
        return [program, "reproduce", "--config", config, artifact].map(shellQuoted).joined(separator: " ")
    }

    /// A word that a POSIX shell takes as it is.
    static func shellQuoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ":"), UInt8(ascii: ","):
                true
            default: false
            }
        }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }

    private func report(_ finding: Finding, _ artifact: LastArtifact) -> ArtifactReport {
        let description = describe(finding)
        var mutations: [String] = []
        if case .mutation(let trail) = finding.origin { mutations = trail.families.map(\.name) }
        var report = ArtifactReport(
            artifact: artifact, processID: server.processID, error: description.error,
            stack: description.frames.map(\.reportText), mutations: mutations, input: finding.bytes,
            sanitizerReport: (description.report?.lines ?? []).map(String.init))
        report.verdict = currentVerdict
        report.frames = description.frames
        if case .mutation(let trail) = finding.origin {
            report.dictionaryWords = trail.words
            if trail.base != 0 { report.baseUnit = inputName(of: fuzzer.corpus[trail.base].bytes) }
        }
        return report
    }
}

extension ArtifactFrame {
    init(_ frame: StackFrame) {
        self.init(
            module: frame.module, offset: frame.offset, symbol: frame.function, file: frame.file, line: frame.line,
            column: frame.column, inlined: frame.isInlined ? true : nil)
    }
}

extension Outcome {
    var signature: String? {
        switch self {
        case .crashed(let signature), .leaked(let signature): signature
        default: nil
        }
    }

    var artifactKind: ArtifactKind? {
        switch self {
        case .crashed: .crash
        case .leaked: .leak
        case .timedOut: .timeout
        case .outOfMemory: .outOfMemory
        case .passed, .rejected, .lost: nil
        }
    }
}
