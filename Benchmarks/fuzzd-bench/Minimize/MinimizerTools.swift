import Foundation

/// What one tool made of an artifact.
struct MinimizerResult {
    var seconds: Double
    var executions: Int
    var output: [UInt8]
}

/// The tools that are compared, each run as its users run it. Times are of the whole process.
struct MinimizerTools {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Where programs, configs, artifacts and results are.
    let directory: String
    /// Inputs that libFuzzer tries in each of its steps before it gives up.
    static let libFuzzerRuns = 5000

    func fuzzd(config: String, artifact: String, format: String? = nil, workers: Int? = nil) throws -> MinimizerResult {
        let output = directory + "/out-fuzzd"
        try? FileManager.default.removeItem(atPath: output)
        var arguments = ["minimize", "--config", config, "-o", output, artifact]
        if let format { arguments += ["--format", format] }
        if let workers { arguments += ["--workers", String(workers)] }
        let (log, seconds) = try run(Programs.path("fuzzd"), arguments)
        let executions = Self.number(before: " executions", in: log)
        return MinimizerResult(seconds: seconds, executions: executions, output: try contents(output, log))
    }

    func libFuzzer(program: String, artifact: String) throws -> MinimizerResult {
        let output = directory + "/out-libfuzzer"
        try? FileManager.default.removeItem(atPath: output)
        let (log, seconds) = try run(
            program,
            ["-minimize_crash=1", "-runs=\(Self.libFuzzerRuns)", "-seed=1", "-print_final_stats=1", "-exact_artifact_path=\(output)", artifact])
        // Each step tells its own number; each was preceded by one run of its input.
        let steps = log.split(separator: "\n").filter { $0.hasPrefix("stat::number_of_executed_units:") }
        let executions = steps.reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
        return MinimizerResult(seconds: seconds, executions: executions, output: try contents(output, log))
    }

    func afl(program: String, artifact: String) throws -> MinimizerResult {
        let output = directory + "/out-afl"
        try? FileManager.default.removeItem(atPath: output)
        let (log, seconds) = try run("/usr/bin/env", ["afl-tmin", "-i", artifact, "-o", output, "--", program])
        guard let line = log.split(separator: "\n").first(where: { $0.contains("execs done") }) else {
            throw Failure(description: "afl-tmin: \(log.suffix(300))")
        }
        let text = line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        let executions = Int(text.split(separator: ":").last?.filter(\.isNumber) ?? "") ?? 0
        return MinimizerResult(seconds: seconds, executions: executions, output: try contents(output, log))
    }

    private func contents(_ path: String, _ log: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(description: "no \(path): \(log.suffix(300))")
        }
        return Array(data)
    }

    private func run(_ program: String, _ arguments: [String]) throws -> (log: String, seconds: Double) {
        let path = directory + "/log"
        // AFL++ looks at every variable that begins like its own, and sleeps two seconds where it does not know one: AFL_NO_COLOR,
        // for example, in builds without colours to choose.
        let environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("AFL_") }
        let process = TimedProcess(program: program, arguments: arguments, environment: environment, directory: directory, log: path)
        guard let seconds = process.run() else { throw Failure(description: "\(program): cannot be started") }
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return (text, seconds)
    }

    /// `1,234` in front of a word.
    private static func number(before word: String, in log: String) -> Int {
        guard let range = log.range(of: word, options: .backwards) else { return 0 }
        let digits = log[..<range.lowerBound].reversed().prefix { $0.isNumber || $0 == "," }
        return Int(String(digits.reversed()).replacing(",", with: "")) ?? 0
    }
}
