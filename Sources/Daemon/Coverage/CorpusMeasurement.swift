import ForkServer
import Storage

/// Runs corpora on one target, each input in a child of its own, and keeps what they reached.
///
/// Owned by one command's thread. The target lives as long as this does.
final class CorpusMeasurement {
    private let server: ForkServer
    let modules: ModuleTable
    private let describer: CrashDescriber
    /// Larger files are cut, as in a campaign.
    static let maximumInputBytes = 1 << 20

    /// Reads corpora before anything is started, so that a wrong path costs no start of the target.
    ///
    /// - Throws: `CommandFailure` where a directory cannot be read or has no inputs.
    static func load(
        _ directories: [String], maximumInputBytes: Int = maximumInputBytes, warn: (String) -> Void
    ) throws -> [CorpusFile] {
        let corpus = CorpusDirectory(directories: directories)
        let loaded = try asCommandFailure { try corpus.load(maxInputBytes: maximumInputBytes) }
        loaded.warnings.forEach { warn("WARNING: \($0)") }
        let files = loaded.files.filter { !isRecord($0.path) }.sorted { $0.path < $1.path }
        guard !files.isEmpty else {
            throw CommandFailure(
                .corpusUnusable, "\(directories.joined(separator: ", ")): no inputs; name a directory with corpus files")
        }
        return files
    }

    /// A directory of artifacts is a corpus too, apart from the records beside them.
    private static func isRecord(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix(".json") && ArtifactStore.isArtifactName(String(name.dropLast(".json".count)))
    }

    /// Starts the target.
    ///
    /// - Throws: `CommandFailure`.
    init(_ configuration: TargetConfiguration, files: [CorpusFile]) throws {
        var configuration = configuration
        configuration.workers = 1
        configuration.strategy = .fork
        configuration.maxInputBytes = max(files.map(\.bytes.count).max() ?? 1, 1)
        let server = ForkServer(configuration: configuration)
        do throws(ForkServerError) { try server.start() } catch { throw CommandFailure(error) }
        guard let modules = server.modules else {
            throw CommandFailure(.targetUnusable, "\(configuration.program): did not tell its modules")
        }
        self.server = server
        self.modules = modules
        describer = CrashDescriber(modules: modules)
    }

    /// What the target printed before it served.
    var greeting: String { String(decoding: server.initialOutput, as: UTF8.self) }

    /// Runs the inputs; `body` sees each verdict.
    func run(_ files: [CorpusFile], _ body: (_ index: Int, _ verdict: Verdict) -> Void = { _, _ in }) throws -> CorpusCoverage {
        var coverage = CorpusCoverage(counterCount: modules.counterCount)
        do throws(ForkServerError) {
            try InputRunner(server: server).run(files.map(\.bytes)) { index, verdict, counters in
                coverage.add(counters, isFailure: verdict.kind != .passed && verdict.kind != .rejected)
                body(index, verdict)
            }
        } catch {
            throw CommandFailure(error)
        }
        return coverage
    }

    /// Names of all edges.
    ///
    /// - Parameter symbolizer: path of llvm-symbolizer; without one, functions are named from ELF symbols.
    /// - Throws: `CommandFailure` for a target without PC tables.
    func map(symbolizer: String?) throws -> CoverageMap {
        guard modules.edgeAddresses.contains(where: { $0 != 0 }) else {
            throw CommandFailure(
                .noCoverage,
                "\(server.configuration.program): has no PC tables, so its edges have no place; "
                    + "build it with -fsanitize=fuzzer-no-link or -fsanitize-coverage=…,pc-table")
        }
        return CoverageMap(
            modules: modules,
            resolver: SourceResolver(
                program: symbolizer, elf: describer.symbolizer, limitSeconds: CoverageMap.resolvingLimitSeconds))
    }

    /// Ends the target, which writes its source coverage where that was asked for.
    func stop() { server.stop() }
}

extension CommandFailure {
    /// A target that does not start or serve, with the exit code for the reason.
    fileprivate init(_ error: ForkServerError) {
        let code: FuzzdExitCode =
            switch error.step {
            case .noCoverage: .noCoverage
            case .abiMismatch: .abiMismatch
            default: .targetUnusable
            }
        self.init(code, error.description)
    }
}
