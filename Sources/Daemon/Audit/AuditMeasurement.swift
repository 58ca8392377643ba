import ForkServer
import Foundation
import Fuzzing
import Storage

/// Runs inputs one at a time on a target under audit, and collects what differs behind each. Owned by one thread.
struct AuditMeasurement {
    private let server: ForkServer
    private var images: AuditImages?
    private(set) var ledger = AuditLedger()
    /// Bytes in mappings that are not looked into, by mapping, and the inputs.
    private(set) var large: [UInt64: (bytes: UInt64, inputs: Set<Int>)] = [:]
    private(set) var notAudited: [AuditReport.NotAudited] = []
    /// Why the last input could not be audited.
    private var lastReason = ""
    private(set) var incomplete: [String] = []

    /// Threads of a target do not always do the same, so that one empty input does not show all noise.
    private static let emptyInputs = 8

    init(target: TargetConfiguration) {
        var configuration = target
        configuration.strategy = .snapshot
        configuration.auditsReboot = true
        configuration.verifiesResetEvery = 0
        configuration.workers = 1
        configuration.slotsPerWorker = 1
        server = ForkServer(configuration: configuration)
    }

    /// - Throws: `CommandFailure`.
    mutating func run(_ files: [CorpusFile], progress: (Int) -> Void) throws {
        do throws(ForkServerError) { try server.start() } catch {
            throw CommandFailure(.targetUnusable, error.description)
        }
        if let refusal = server.snapshotRefusal {
            throw CommandFailure(
                .targetUnusable, "an audit needs snapshots, which the kernel refuses: \(String(cString: strerror(refusal)))")
        }
        for _ in 0..<Self.emptyInputs {
            guard let differences = try differences(behind: []) else { continue }
            ledger.addNoise(differences.words)
        }
        guard images != nil else {
            throw CommandFailure(
                .targetUnusable, server.snapshotAbandonment.map { "no snapshot: \($0)" } ?? "the empty input cannot be audited: \(lastReason)")
        }
        for (index, file) in files.enumerated() {
            progress(index)
            let name = URL(fileURLWithPath: file.path).lastPathComponent
            guard let differences = try differences(behind: file.bytes) else {
                notAudited.append(AuditReport.NotAudited(fileName: name, reason: lastReason))
                continue
            }
            for (mapping, bytes) in differences.large {
                large[mapping, default: (0, [])].bytes = max(large[mapping]?.bytes ?? 0, bytes)
                large[mapping, default: (0, [])].inputs.insert(ledger.inputs.count)
            }
            if differences.isCut { incomplete.append(name) }
            ledger.add(AuditLedger.Input(fileName: name, bytes: file.bytes.count), differences.words, growth: differences.growth)
        }
    }

    private typealias Differences = (words: [UInt64: UInt8], growth: [UInt64: UInt64], large: [UInt64: UInt64], isCut: Bool)

    /// `nil` where the input ended its process.
    private mutating func differences(behind input: [UInt8]) throws -> Differences? {
        let replacedBefore = server.replacedRunners.count
        let sequence = server.submit(ExecutionRequest(input: input), to: 0)
        var isTaken = false
        var kind = Verdict.Kind.passed
        while !isTaken {
            isTaken = server.takeVerdict(worker: 0) { _, verdict, _, _, _ in kind = verdict.kind }
            guard !isTaken else { break }
            do throws(ForkServerError) { try server.wait(timeoutMilliseconds: 1000) } catch {
                throw CommandFailure(.targetUnusable, error.description)
            }
        }
        guard let audit = server.rebootAudit(of: sequence, worker: 0) else {
            lastReason = reason(kind, replacedBefore: replacedBefore)
            return nil
        }
        let images = try images ?? AuditImages(audit)
        self.images = images
        guard let after = images.after(audit) else { return nil }
        var comparison = MemoryComparison(before: images.before, after: after, pointers: images.pointers)
        comparison.run(changed: audit.ranges.filter { $0.bytes > 0 }.map { $0.address...($0.address + $0.bytes - 1) })
        return (comparison.words, comparison.growth, images.bytesOfLargeMappings(audit), audit.droppedRanges > 0)
    }

    /// A runner that is replaced runs its input again under `fork`, or a thread did not come to be held still.
    private func reason(_ kind: Verdict.Kind, replacedBefore: UInt64) -> String {
        guard kind == .passed || kind == .rejected else { return "it ended its process (\(kind.rawValue))" }
        let replaced = server.replacedRunners
        return replaced.count > replacedBefore
            ? "its runner was replaced (of all inputs so far: \(replaced.causes.joined(separator: ", ")))"
            : "its runner ended behind it"
    }

    /// Names what was collected.
    func owners() -> OwnerIndex? {
        guard let images, let modules = server.modules else { return nil }
        let names = VariableNames(modules: modules)
        let sites = images.allocations.map { AllocationSites($0, modules: modules) }
        return OwnerIndex(image: images.before, mappings: images.mappings, sites: sites) { names.name(at: $0) }
    }

    func stop() { server.stop() }
}
