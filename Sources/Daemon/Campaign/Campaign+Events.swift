import Foundation
import ForkServer
import Fuzzing
import Storage

// What the engine found is carried out in its order: on disk, then counted, then shown.
extension Campaign {
    func carryOut(_ event: CampaignEvent) {
        switch event {
        case .newInput(let input): keep(input)
        case .reducedInput(let input): replace(input)
        case .evicted: break
        case .seedsLoaded: finishLoading()
        case .unverifiedFinding(let finding): saveUnverified(finding)
        case .finding(let finding): settle(finding)
        case .lostInput(let bytes, let attempts):
            warn("an input of \(bytes.count) bytes was lost with its machine parent \(attempts) times; it is left out")
        case .pulse:
            updateStatus()
            display.event(.pulse, status: status)
        }
    }

    private func keep(_ input: NewInput) {
        guard case .mutation(let trail) = input.origin else { return }
        store(input.bytes, replacing: nil)
        counters?.add(1, to: .newInputs)
        noteFind()
        display.event(.new(kept(input.bytes, trail)), status: status)
    }

    private func replace(_ input: ReducedInput) {
        store(input.bytes, replacing: inputName(of: input.previousBytes))
        counters?.add(1, to: .reducedInputs)
        noteFind()
        if case .mutation(let trail) = input.origin {
            display.event(.reduced(kept(input.bytes, trail)), status: status)
        }
    }

    private func noteFind() {
        lastFindSeconds = clock.elapsedSeconds
        updateStatus()
    }

    private func kept(_ bytes: [UInt8], _ trail: MutationTrail) -> KeptInput {
        KeptInput(
            sizeBytes: bytes.count, largestBytes: fuzzer.corpus.largestSizeBytes,
            mutations: trail.families.map(\.name), dictionaryWords: trail.words)
    }

    private func store(_ bytes: [UInt8], replacing previous: String?) {
        do {
            _ = try corpus.write(bytes, replacing: previous)
        } catch {
            // The directory keeps it in memory and writes it as soon as there is room.
            if !isDiskFull { warn("\(error); \(corpus.pendingCount) inputs wait in memory") }
            isDiskFull = true
        }
    }

    /// Called about once a second and at the end.
    func retryPendingWrites() {
        guard isDiskFull else { return }
        do {
            try corpus.writePending()
            isDiskFull = false
            display.event(.info("there is room again; all waiting inputs were written"), status: status)
        } catch {
            isDiskFull = true
        }
    }

    private func finishLoading() {
        isLoaded = true
        executionsAtLoad = fuzzer.counters.executions
        status.state = .fuzzing
        updateStatus()
        display.event(.initialised, status: status)
    }

    private func warn(_ text: String) {
        display.event(.warning(text), status: status)
    }
}

// Findings. A crash is saved the moment it is seen and completed when its re-run is done.
extension Campaign {
    private func saveUnverified(_ finding: Finding) {
        guard let signature = finding.outcome.signature, !knownSignatures.contains(signature) else { return }
        _ = save(finding, isVerified: false)
    }

    private func settle(_ finding: Finding) {
        if let signature = finding.outcome.signature, knownSignatures.contains(signature) { return }
        guard finding.isVerified else {
            warn("\(describe(finding).summary) did not happen again when its input was run again; kept unverified")
            return
        }
        guard let record = save(finding, isVerified: true) else { return }
        if let signature = finding.outcome.signature { knownSignatures.insert(signature) }
        let name = ArtifactStore.name(kind: record.kind, input: finding.bytes)
        let artifact = LastArtifact(
            kind: status(record.kind), path: artifacts.path(of: name), summary: describe(finding).summary,
            reproduceCommand: record.reproduce)
        status.artifacts[artifact.kind] += 1
        status.lastArtifact = artifact
        writtenArtifacts.append(artifact)
        try? history?.add(
            HistoryFinding(
                kind: record.kind, signature: record.signature, artifact: name, executions: record.executions,
                elapsedMilliseconds: UInt64(clock.elapsedSeconds * 1000), verified: true), to: historyCampaign)
        updateStatus()
        display.event(.artifact(report(finding, artifact)), status: status)
    }

    private func describe(_ finding: Finding) -> CrashDescription {
        guard let verdict = currentVerdict, let describer else {
            return CrashDescription(signature: "", frames: [], summary: "a finding", error: "a finding")
        }
        return describer.describe(verdict)
    }

    private func save(_ finding: Finding, isVerified: Bool) -> ArtifactRecord? {
        guard let kind = finding.outcome.artifactKind, let verdict = currentVerdict else { return nil }
        let description = describe(finding)
        let output = String(decoding: verdict.output.suffix(4096), as: UTF8.self)
        let name = ArtifactStore.name(kind: kind, input: finding.bytes)
        let record = ArtifactRecord(
            kind: kind, signature: finding.outcome.signature ?? "", signal: verdict.signal == 0 ? nil : verdict.signal,
            signalName: verdict.signal == 0 ? nil : signalName(verdict.signal),
            message: output.split(separator: "\n").first { $0.contains("rror") }.map(String.init),
            stack: description.frames.map { ArtifactFrame(module: $0.module, offset: $0.offset, symbol: $0.function) },
            size: finding.bytes.count, harness: settings.harness, config: settings.configPath,
            seed: settings.fuzzer.seed,
            reproduce: Self.reproduceCommand(config: settings.configPath, artifact: artifacts.path(of: name)),
            verified: isVerified, firstSeen: Date(), executions: finding.foundAtExecution, output: output)
        do {
            _ = try artifacts.save(finding.bytes, record: record)
        } catch {
            warn("\(error)")
            return nil
        }
        return record
    }

    /// A command that works in the directory where the daemon was started, as the daemon itself was called.
    private static func reproduceCommand(config: String, artifact: String) -> String {
        let called = CommandLine.arguments.first ?? "fuzzd"
        let program = called.hasSuffix("fuzzd") ? called : "fuzzd"
        return [program, "reproduce", "--config", config, artifact].map(shellQuoted).joined(separator: " ")
    }

    /// A word that a POSIX shell takes as it is.
    private static func shellQuoted(_ word: String) -> String {
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
        return ArtifactReport(
            artifact: artifact, processID: server.processID, error: description.error,
            stack: description.frames.map { frame in
                "\(frame.function ?? "?") (\(frame.module)+0x\(String(frame.offset, radix: 16)))"
            }, mutations: mutations, input: finding.bytes)
    }

    private func status(_ kind: Storage.ArtifactKind) -> ArtifactKind {
        switch kind {
        case .crash: .crash
        case .timeout: .timeout
        case .outOfMemory: .oom
        case .leak: .leak
        }
    }
}

extension Outcome {
    var signature: String? {
        switch self {
        case .crashed(let signature), .leaked(let signature): signature
        default: nil
        }
    }

    var artifactKind: Storage.ArtifactKind? {
        switch self {
        case .crashed: .crash
        case .leaked: .leak
        case .timedOut: .timeout
        case .outOfMemory: .outOfMemory
        case .passed, .rejected, .lost: nil
        }
    }
}
