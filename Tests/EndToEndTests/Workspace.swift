import Foundation

/// A directory of its own for one test: configs, corpus, artifacts, logs, control sockets. Removed with the object,
/// together with every process that the test left behind.
final class Workspace {
    let directory: String
    private var started: [FuzzdProcess] = []

    init() throws {
        // Short: a socket's path may have 107 bytes.
        directory = NSTemporaryDirectory() + "fuzzd-e2e-" + UUID().uuidString.prefix(8)
        for name in ["corpus", "run", "state"] {
            try FileManager.default.createDirectory(
                atPath: directory + "/" + name, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
    }

    deinit {
        for process in started { process.kill(SIGKILL) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Where the package's products are: beside the test program.
    static let buildDirectory =
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path

    /// The package's directory.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    var corpus: String { directory + "/corpus" }
    var artifacts: String { directory + "/artifacts" }

    /// Variables that keep a daemon of this workspace apart from those of other tests and of the user.
    var environment: [String: String] {
        ["XDG_RUNTIME_DIR": directory + "/run", "XDG_STATE_HOME": directory + "/state"]
    }

    /// Writes a config for a program beside the test program and returns its path.
    ///
    /// - Parameter isCalm: the puzzles whose end is a matter of time do nothing.
    func config(
        program: String = "puzzle-target", isCalm: Bool = true, environment: [String: String] = [:],
        lines: [String] = []
    ) throws -> String {
        var variables = environment
        if isCalm { variables["PUZZLE_IS_CALM"] = "1" }
        var text = "name: puzzle\ntarget:\n  program: "
        text += program.hasPrefix("/") ? program : Self.buildDirectory + "/" + program
        if !variables.isEmpty { text += "\n  environment:" }
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) { text += "\n    \(name): '\(value)'" }
        text += "\nlimits:\n  operation_timeout_microseconds: 0\nfuzzing:\n  max_len: 16\n  seed: 7\n"
        text += "artifacts: \(artifacts)\n" + lines.map { $0 + "\n" }.joined()
        return try write(text, to: "campaign.yaml")
    }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let path = directory + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    func seed(_ inputs: [String]) throws {
        for input in inputs { try write(input, to: "corpus/seed-" + input) }
    }

    /// Names and contents of a directory's files, hidden ones left out.
    func files(_ name: String) throws -> [String: Data] {
        var result: [String: Data] = [:]
        let path = directory + "/" + name
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        for file in try FileManager.default.contentsOfDirectory(atPath: path) where !file.hasPrefix(".") {
            if let data = FileManager.default.contents(atPath: path + "/" + file) { result[file] = data }
        }
        return result
    }

    /// Starts `fuzzd` with arguments and does not wait.
    func start(_ arguments: [String], program: String? = nil) throws -> FuzzdProcess {
        let process = try FuzzdProcess(
            program: program ?? Self.buildDirectory + "/fuzzd", arguments: arguments,
            environment: environment,
            log: directory + "/log-\(started.count)", directory: directory)
        started.append(process)
        return process
    }

    /// Runs `fuzzd` to its end.
    func run(_ arguments: [String]) throws -> FuzzdResult {
        try start(arguments).wait()
    }

    /// `fuzzd start` on this workspace's corpus.
    func runCampaign(_ config: String, _ more: [String] = ["--runs", "100"]) throws -> FuzzdResult {
        try run(["start", "--config", config, "--corpus", corpus] + more)
    }
}

/// How a `fuzzd` ended and what it said.
struct FuzzdResult {
    var exitCode: Int32
    /// Standard output and standard error together.
    var output: String
    var seconds: Double

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The lines with which `fuzzd` itself reports that it failed.
    var failures: [String] { lines.filter { $0.hasPrefix("fuzzd: ") } }

    func lines(containing text: String) -> [String] { lines.filter { $0.contains(text) } }
}
