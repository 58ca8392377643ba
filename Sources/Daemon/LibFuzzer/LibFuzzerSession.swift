import Foundation
import ForkServer
import Fuzzing
import Storage

/// What all modes of the front end share: the command line, the log, and how the harness is run.
struct LibFuzzerSession {
    let options: LibFuzzerOptions
    let arguments: LibFuzzerArguments
    let log: LibFuzzerLog
    let seed: UInt64
    /// The function of the harness at which an input ends; `nil` for none.
    private let endOfInput: String?

    /// Longest input of a merge where no flag says otherwise, and of anything at all; libFuzzer's number.
    static let saneInputBytes = 1 << 20
    /// Kept of what one input prints: sanitizers' reports are long.
    private static let outputBytes: UInt32 = 512 << 10

    init(options: LibFuzzerOptions, arguments: LibFuzzerArguments, log: LibFuzzerLog) {
        self.options = options
        self.arguments = arguments
        self.log = log
        let given = arguments["seed"]
        // libFuzzer's -seed=0 means: choose one, and print it.
        let named = ProcessInfo.processInfo.environment["FUZZD_END_OF_INPUT"]
        endOfInput = named.map { $0.isEmpty ? nil : $0 } ?? KnownReset.function(of: options.harnessPath)
        seed = given == 0 ? UInt64(UInt32.random(in: 1...UInt32.max)) : UInt64(UInt32(truncatingIfNeeded: given))
    }

    /// `-artifact_prefix` and `-exact_artifact_path`.
    var artifactNames: PlainArtifactNames {
        PlainArtifactNames(
            prefix: arguments.text("artifact_prefix") ?? "./", exactPath: arguments.text("exact_artifact_path"))
    }

    /// Whether what the target prints is passed on.
    var passesOutput: Bool { arguments["close_fd_mask"] & 2 == 0 }

    func targetConfiguration(maxInputBytes: Int, workers: Int = 1) throws -> TargetConfiguration {
        var target = TargetConfiguration(program: options.harnessPath)
        target.argumentZero = options.argumentZero
        target.arguments = options.arguments
        target.maxInputBytes = max(1, maxInputBytes)
        target.workers = max(1, min(workers, 64))
        target.strategy = try strategy()
        target.forkAhead = try choice("FUZZD_FORK_AHEAD", default: .automatic)
        target.detectsLeaks = arguments.isOn("detect_leaks")
        target.usesValueProfile = arguments.isOn("use_value_profile")
        target.unhandledSignals = unhandledSignals
        target.initializationTimeoutSeconds = 600
        target.limits.inputTimeoutMicroseconds = UInt64(max(0, arguments["timeout"])) * 1_000_000
        target.limits.operationTimeoutMicroseconds = 0
        target.limits.memoryBytes = UInt64(max(0, arguments["rss_limit_mb"])) << 20
        let malloc = arguments["malloc_limit_mb"]
        target.limits.mallocBytes = UInt64(max(0, malloc == 0 ? arguments["rss_limit_mb"] : malloc)) << 20
        target.limits.outputBytes = Self.outputBytes
        target.endsInputAt = endOfInput
        return target
    }

    private func strategy() throws -> ResetStrategy { try choice("FUZZD_RESET", default: .fork) }

    /// What an environment variable chooses; unset or empty, the default.
    private func choice<Choice: RawRepresentable & CaseIterable>(_ variable: String, default usual: Choice) throws -> Choice
    where Choice.RawValue == String {
        guard let word = ProcessInfo.processInfo.environment[variable], !word.isEmpty else { return usual }
        guard let choice = Choice(rawValue: word) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw LibFuzzerFailure(message: "ERROR: the environment variable \(variable) is '\(word)'; give one of \(known)")
        }
        return choice
    }

    private var unhandledSignals: Set<Int32> {
        let flags: [(String, Int32)] = [
            ("handle_segv", SIGSEGV), ("handle_bus", SIGBUS), ("handle_abrt", SIGABRT), ("handle_ill", SIGILL),
            ("handle_fpe", SIGFPE), ("handle_trap", SIGTRAP), ("handle_xfsz", SIGXFSZ),
        ]
        return Set(flags.filter { !arguments.isOn($0.0) }.map(\.1))
    }

    /// Starts the harness and prints the lines that libFuzzer begins with.
    func start(_ target: TargetConfiguration) throws -> LibFuzzerTarget {
        let server = ForkServer(configuration: target)
        do throws(ForkServerError) {
            try server.start()
        } catch {
            throw startFailure(server, error.description)
        }
        if passesOutput { log.raw(server.initialOutput) }
        guard let modules = server.modules else { throw LibFuzzerFailure(message: "ERROR: fuzzd: no modules") }
        greet(modules)
        return LibFuzzerTarget(server: server, modules: modules, session: self)
    }

    /// A harness that exits while it initialises has said why, and its code is that of the whole, as with libFuzzer.
    func startFailure(_ server: ForkServer, _ message: String) -> LibFuzzerFailure {
        log.raw(server.initialOutput)
        guard let status = server.initializationExitStatus, !server.initialOutput.isEmpty else {
            return LibFuzzerFailure(message: "ERROR: fuzzd: \(message)")
        }
        return LibFuzzerFailure(message: "", exitCode: status)
    }

    /// Prints `Running with …`, `Seed`, and what is instrumented.
    func greet(_ modules: ModuleTable) {
        let threshold = String(UInt16(clamping: arguments["entropic_feature_frequency_threshold"]), radix: 16, uppercase: true)
        if arguments.isOn("entropic") {
            let rarest = arguments["entropic_number_of_rarest_features"]
            log.tell("INFO: Running with entropic power schedule (0x\(threshold), \(rarest)).")
        }
        var lines: [String] = []
        if modules.capabilities.contains(.customMutator), !arguments.wasGiven("len_control") {
            lines.append("INFO: found LLVMFuzzerCustomMutator. Disabling -len_control by default.")
        }
        lines.append("INFO: Seed: \(seed)")
        lines += LibFuzzerLine.modules(modules.counterCounts.map { InstrumentedModule(counters: $0) })
        for thread in modules.threads {
            lines.append("INFO: thread '\(thread.name)' of the harness is not there in the children that run inputs")
        }
        if let endOfInput, (try? strategy()) != .reboot {
            lines.append("INFO: an input ends where the harness calls \(endOfInput), as the next one has a machine of its own (FUZZD_END_OF_INPUT)")
        }
        log.say(lines)
    }

    /// Reads a file; `nil` with a warning where it cannot be.
    func contents(of path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map(Array.init)
    }
}
