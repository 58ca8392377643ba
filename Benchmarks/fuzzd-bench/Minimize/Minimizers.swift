import Foundation
import Fuzzing

/// `fuzzd minimize` against libFuzzer's `-minimize_crash=1` and `afl-tmin` on the same artifacts; and by operations against by bytes
/// alone on those of the built-in machine.
struct Minimizers {
    let options: Options
    let report: Report
    /// Whole processes take longer than an input: fewer rounds than elsewhere are enough.
    private var rounds: Int { min(options.rounds, 5) }

    func measure() throws {
        report.begin("7. making artifacts smaller", section: .minimize)
        guard let tools = try build() else { return }
        var times: [Double] = []
        var timesOfOne: [Double] = []
        var sizes: [Double] = []
        for subject in MinimizeSubject.all where options.takes(subject.name) {
            let comparison = try compare(subject, tools)
            times.append(comparison.time)
            timesOfOne.append(comparison.timeOfOne)
            sizes.append(comparison.size)
        }
        guard !times.isEmpty else { return try measureMachine(tools) }
        report.add("C harnesses: time, fuzzd to the faster of the two others", times, unit: "times", target: .atMost(1))
        report.add("C harnesses: the same with one worker", timesOfOne, unit: "times")
        report.add("C harnesses: most bytes more than the smaller of the two others", [sizes.max() ?? 0], unit: "bytes", target: .atMost(0))
        try measureMachine(tools)
    }

    /// fuzzd against the better of the others.
    private struct Comparison {
        var time: Double
        var timeOfOne: Double
        var size: Double
    }

    private func compare(_ subject: MinimizeSubject, _ tools: MinimizerTools) throws -> Comparison {
        let base = tools.directory + "/" + URL(fileURLWithPath: subject.source).deletingPathExtension().lastPathComponent
        let artifact = try write(subject.artifact, subject.name, tools)
        let config = try self.config(subject.name, program: base + "-fuzzd", tools)
        var last = [MinimizerResult?](repeating: nil, count: 4)
        let seconds = try alternate(4, rounds: rounds) { tool in
            let result =
                switch tool {
                case 0: try tools.fuzzd(config: config, artifact: artifact)
                case 1: try tools.libFuzzer(program: base + "-libfuzzer", artifact: artifact)
                case 3: try tools.fuzzd(config: config, artifact: artifact, workers: 1)
                default: try tools.afl(program: base + "-afl", artifact: artifact)
                }
            last[tool] = result
            return result.seconds
        }
        let results = last.compactMap { $0 }
        for (tool, name) in ["fuzzd", "libFuzzer", "afl-tmin", "fuzzd with one worker"].enumerated() {
            report.add(label(subject.name, name, subject.artifact, results[tool]), seconds[tool].map { $0 * 1000 }, unit: "ms")
        }
        let others = min(results[1].output.count, results[2].output.count)
        let faster = zip(seconds[1], seconds[2]).map { min($0, $1) }
        return Comparison(
            time: Spread(ratios(seconds[0], to: faster)).median, timeOfOne: Spread(ratios(seconds[3], to: faster)).median,
            size: Double(max(results[0].output.count, results[3].output.count) - others))
    }

    private func measureMachine(_ tools: MinimizerTools) throws {
        var times: [Double] = []
        var sizes: [Double] = []
        for subject in MachineSubject.all where options.takes(subject.name) {
            let artifact = try write(subject.artifact, subject.name, tools)
            let config = try self.config(
                subject.name, program: Programs.path("pc-fuzz"), tools,
                arguments: ["--harness", "generic", "--objects", subject.globs, "--bug", subject.name])
            var last = [MinimizerResult?](repeating: nil, count: 2)
            let seconds: [[Double]]
            do {
                seconds = try alternate(2, rounds: rounds) { format in
                    let result = try tools.fuzzd(config: config, artifact: artifact, format: format == 0 ? nil : "bytes")
                    last[format] = result
                    return result.seconds
                }
            } catch let failure as MinimizerTools.Failure {
                report.note("\(subject.name): not measured: \(failure)")
                continue
            }
            let results = last.compactMap { $0 }
            for (format, name) in ["by operations", "by bytes alone"].enumerated() {
                let operations = GenericFuzzInput.operationCount(results[format].output)
                report.add(
                    label(subject.name, name, subject.artifact, results[format]) + ", \(operations) operations",
                    seconds[format].map { $0 * 1000 }, unit: "ms")
            }
            times.append(Spread(ratios(seconds[0], to: seconds[1])).median)
            sizes.append(Double(results[0].output.count - results[1].output.count))
        }
        guard !times.isEmpty else { return }
        report.add("built-in machine: time, by operations to by bytes alone", times, unit: "times", target: .atMost(1))
        report.add("built-in machine: most bytes more than by bytes alone", [sizes.max() ?? 0], unit: "bytes", target: .atMost(0))
    }

    private func label(_ subject: String, _ tool: String, _ artifact: [UInt8], _ result: MinimizerResult) -> String {
        "\(subject), \(tool): \(artifact.count) -> \(result.output.count) bytes, \(result.executions) executions"
    }

    private func write(_ artifact: [UInt8], _ name: String, _ tools: MinimizerTools) throws -> String {
        let path = tools.directory + "/" + name + ".artifact"
        try Data(artifact).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func config(_ name: String, program: String, _ tools: MinimizerTools, arguments: [String] = []) throws -> String {
        let path = tools.directory + "/" + name + ".yaml"
        let words = arguments.map { "'\($0)'" }.joined(separator: ", ")
        let text = "name: \(name)\ntarget:\n  program: \(program)\n  arguments: [\(words)]\nlimits:\n  operation_timeout_microseconds: 0\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Where the programs are; `nil`, and a note, if they cannot be built here.
    private func build() throws -> MinimizerTools? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        let directory = root + "/.build/minimize"
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: root + "/Benchmarks/minimize/build")
        process.arguments = [directory] + MinimizeSubject.all.map { root + "/" + $0.source }
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus == 0 { return MinimizerTools(directory: directory) }
        report.note("not measured: " + text.trimmingCharacters(in: .whitespacesAndNewlines))
        return nil
    }
}
