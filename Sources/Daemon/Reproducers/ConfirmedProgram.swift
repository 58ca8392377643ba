import Foundation
import ForkServer
import Reproducers

/// The program that a script is confirmed against, with the arguments that give it the artifact's machine.
struct ConfirmedProgram {
    let path: String
    private(set) var arguments: [String]
    private let memoryBytes: UInt64
    private let silenceSeconds: Double
    private(set) var lacksQTestAccelerator = false

    /// Finds the program and starts it once without accesses.
    ///
    /// - Parameter arguments: instead of those that the target's machine needs.
    /// - Throws: `CommandFailure` where it is not there, or not with this machine and these devices.
    init(_ program: String, arguments: [String]?, silenceSeconds: Double, tracer: TargetTracer) throws {
        self.silenceSeconds = silenceSeconds
        path = try Self.find(program)
        let configuration = tracer.configuration
        memoryBytes = UInt64(configuration.limits.memoryMebibytes) << 20
        if let arguments {
            self.arguments = arguments
        } else if URL(fileURLWithPath: path).lastPathComponent == "pc-fuzz" {
            self.arguments = Self.machineFlags(configuration.target.arguments) + ["--qtest", "stdio"]
        } else if let line = tracer.commandLine {
            self.arguments = line.standardInputArguments
        } else {
            throw CommandFailure(
                .usage, "\(configuration.file): the target does not say which machine it makes; give --qemu-args 'ARGUMENTS'")
        }
        guard let problem = probe() else { return }
        guard arguments == nil, problem.contains("invalid accelerator qtest"), let line = tracer.commandLine else {
            throw CommandFailure(.targetUnusable, "\(path) does not start with the artifact's machine: \(problem)")
        }
        self.arguments = line.withoutQTestAccelerator.standardInputArguments
        lacksQTestAccelerator = true
        if let problem = probe() {
            throw CommandFailure(.targetUnusable, "\(path) does not start with the artifact's machine: \(problem)")
        }
    }

    var commandLine: String { ([path] + arguments).joined(separator: " ") }

    func run(_ commands: [QTestCommand], _ feeding: QTestProcess.Feeding) -> QTestProcess.Result {
        process().run(commands.map(\.text), feeding)
    }

    private func process() -> QTestProcess {
        var process = QTestProcess(program: path, arguments: arguments)
        process.memoryBytes = memoryBytes
        process.silenceSeconds = silenceSeconds
        return process
    }

    /// Why it does not start; `nil` where it answers.
    private func probe() -> String? {
        let result = process().run(["endianness"], .stepped)
        if result.answers > 0 { return nil }
        switch result.end {
        case .notStarted(let code): return String(cString: strerror(code))
        case .silent, .answered, .tooLarge: return "it does not answer; does it speak qtest on its standard streams?"
        case .exited, .signalled:
            let lines = String(decoding: result.errorOutput, as: UTF8.self).split(whereSeparator: \.isNewline)
            let line = lines.last { !$0.hasPrefix("[") && !$0.contains("GLib") } ?? "it ends at once and says nothing"
            return TerminalText.sanitised(String(line))
        }
    }

    private static func find(_ program: String) throws -> String {
        let directories = program.contains("/") ? [""]
            : (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { $0 + "/" }
                + [CampaignSettings.daemonDirectory + "/"]
        if let path = directories.map({ $0 + program }).first(where: FileManager.default.isExecutableFile(atPath:)) { return path }
        throw CommandFailure(
            .targetUnusable, "\(program): no such program, or none that may be run; install Debian's package qemu-system-x86, or name one with --qemu")
    }

    /// What makes the built-in machine what it is; the rest is the harness's.
    private static func machineFlags(_ arguments: [String]) -> [String] {
        var flags: [String] = []
        for (index, word) in arguments.enumerated() {
            if word == "--touch-ram" || word.hasPrefix("--bug=") || word.hasPrefix("--ram-mib=") { flags.append(word) }
            if ["--bug", "--ram-mib"].contains(word), index + 1 < arguments.count { flags += [word, arguments[index + 1]] }
        }
        return flags
    }
}
