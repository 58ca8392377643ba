import ForkServer
import Fuzzing
import Reproducers

/// A target that writes down what inputs come to: it is started with `QTEST_LOG` and `FUZZ_SERIALIZE_QTEST` in its environment,
/// which QEMU's fuzz targets and the built-in machine's generic harness understand, and every input gets a child of its own.
///
/// Owned by one thread, which must live as long as the target.
final class TargetTracer {
    /// What is kept of an input's log. An input can have guest memory filled with 256 MiB, at two digits a byte.
    private static let logBytes = 64 << 20
    /// Logging makes every access slower.
    private static let slowness: UInt64 = 4

    let configuration: CampaignConfiguration
    private let server: ForkServer
    private let describer: CrashDescriber
    /// What the target did before it served: QEMU 7.2 maps BARs once, there.
    private let before: Trace
    /// QEMU's arguments, as the target says them; `nil` where it says nothing.
    let commandLine: QEMUCommandLine?
    /// The globs that the target says it matches.
    let objects: [String]

    /// Starts the target.
    ///
    /// - Throws: `CommandFailure`.
    init(_ configuration: CampaignConfiguration) throws {
        self.configuration = configuration
        server = ForkServer(configuration: try Self.target(configuration))
        do throws(ForkServerError) { try server.start() } catch {
            throw CommandFailure(.targetUnusable, error.description)
        }
        guard let modules = server.modules else { throw CommandFailure(.failure, "the target has no list of modules") }
        describer = CrashDescriber(modules: modules)
        before = QTestLog.parse(server.initialOutput)
        commandLine = QTestLog.commandLine(server.initialOutput)
        objects = QTestLog.objects(server.initialOutput)
    }

    private static func target(_ configuration: CampaignConfiguration) throws -> TargetConfiguration {
        var target = try CampaignSettings.targetConfiguration(configuration)
        target.environment["QTEST_LOG"] = "1"
        target.environment["FUZZ_SERIALIZE_QTEST"] = "1"
        target.workers = 1
        target.slotsPerWorker = 1
        target.strategy = .fork
        target.maxInputBytes = 1 << 20
        target.limits.outputBytes = UInt32(logBytes)
        target.limits.inputTimeoutMicroseconds *= slowness
        target.limits.operationTimeoutMicroseconds *= slowness
        return target
    }

    /// What one input came to.
    struct Run {
        var trace: Trace
        /// `nil`: it did nothing bad.
        var failure: FailureEvidence?
    }

    /// - Throws: `CommandFailure` for a target that is lost or whose log is too long.
    func run(_ input: [UInt8]) throws -> Run {
        var result: Run?
        var total: UInt64 = 0
        do throws(ForkServerError) {
            try InputRunner(server: server).run([input]) { _, verdict, _ in
                total = verdict.outputBytesTotal
                result = Run(
                    trace: complete(QTestLog.parse(verdict.output)),
                    failure: FailureEvidence(verdict, describer.describe(verdict)))
            }
        } catch {
            throw CommandFailure(.targetUnusable, error.description)
        }
        guard let result, total <= UInt64(Self.logBytes) else {
            throw CommandFailure(
                .failure, "the input's log is larger than \(Self.logBytes >> 20) MiB; minimize the input first")
        }
        return result
    }

    /// The log of a child does not show what its parent did, unless the child does it again, as since QEMU 8.0.
    private func complete(_ trace: Trace) -> Trace {
        trace.commands.starts(with: before.commands) ? trace : Trace(before.entries + trace.entries)
    }
}
