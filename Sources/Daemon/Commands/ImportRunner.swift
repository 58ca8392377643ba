import Foundation
import Reproducers

/// Runs `fuzzd import`.
package enum ImportRunner {
    /// Larger than any script that people write or mail.
    private static let maximumBytes = 16 << 20

    /// Turns qtest commands into inputs of a generic-fuzz target.
    ///
    /// - Returns: how the process ends: success if every line could be expressed. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: ImportOptions) throws -> FuzzdExitCode {
        let programs = try read(options.filePath)
        do {
            try FileManager.default.createDirectory(atPath: options.outputDirectory, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.storageFailure, "\(options.outputDirectory): cannot be made: \(error.localizedDescription)")
        }
        var refused = 0
        for program in programs where try !convert(program, options) { refused += 1 }
        return refused == 0 ? .success : .notExpressible
    }

    private static func read(_ path: String) throws -> [QTestProgram] {
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= maximumBytes else {
            throw CommandFailure(.corpusUnusable, "\(path): cannot be read, or is larger than \(maximumBytes >> 20) MiB")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.usage, "\(path): not UTF-8 text; expected qtest commands or a test of QEMU's tests/qtest")
        }
        do throws(QTestSyntaxError) { return try QTestProgram.parse(text) } catch {
            throw CommandFailure(.usage, "\(path):\(error.line): \(error.problem)")
        }
    }

    /// Returns whether all of it could be expressed.
    private static func convert(_ program: QTestProgram, _ options: ImportOptions) throws -> Bool {
        let file = URL(fileURLWithPath: options.filePath).deletingPathExtension().lastPathComponent
        let name = usable(program.name ?? file)
        let base = options.outputDirectory + "/" + name
        let machine: ImportedMachine?
        let tracer: TargetTracer
        do {
            (tracer, machine) = try start(program, name, base + ".yaml", options)
        } catch let failure as CommandFailure where program.name != nil && failure.exitCode == .targetUnusable {
            // One test's machine may be another architecture's; the file has more tests.
            print("\(options.filePath):\(program.commands[0].line): \(name): refused: \(failure.message)")
            return false
        }
        var importer = TraceImporter(matchesEverything: tracer.objects.contains("*")) { input in
            let run = try tracer.run(input)
            return TracedRun(trace: run.trace, isFailure: run.failure != nil)
        }
        let result = try importer.convert(program.commands)
        for refusal in result.refusals {
            let consequence = options.skipsRefused ? "left out" : "refused"
            print("\(options.filePath):\(refusal.line): \(consequence): \(refusal.problem)")
        }
        if !result.idleLines.isEmpty {
            print("\(name): left out without effect, as no device reads what they write: lines \(ranges(result.idleLines))")
        }
        guard result.refusals.isEmpty || options.skipsRefused, !result.input.isEmpty else {
            print("\(name): nothing written\(result.refusals.isEmpty ? ": no access reaches a matched region" : "; --skip leaves these lines out")")
            return false
        }
        if let machine { try TracedArtifact.write(Array(machine.yaml.utf8), to: base + ".yaml") }
        try TracedArtifact.write(result.input, to: base)
        let ending = try tracer.run(result.input).failure.map { "; \($0.summary)\(result.failingLine.map { " at line \($0)" } ?? "")" }
        print("\(name): \(program.commands.count) commands, \(result.input.count) bytes -> \(base)\(ending ?? "; no failure")")
        return result.refusals.isEmpty
    }

    /// The target of the given campaign, or one with the machine that the file describes.
    private static func start(
        _ program: QTestProgram, _ name: String, _ path: String, _ options: ImportOptions
    ) throws -> (TargetTracer, ImportedMachine?) {
        if let given = options.configPath {
            let tracer = try TargetTracer(CampaignSettings.loadConfiguration(given))
            guard tracer.commandLine != nil || !tracer.objects.isEmpty else {
                throw CommandFailure(.usage, "\(given): its target logs no qtest commands; expected a generic-fuzz harness")
            }
            return (tracer, nil)
        }
        guard let arguments = program.arguments else {
            throw CommandFailure(
                .usage, "\(options.filePath): does not say which machine it is for; give --config FILE with the campaign's target")
        }
        var machine = ImportedMachine(
            name: name, path: path, program: options.program, arguments: arguments, objects: options.objects)
        do {
            return (try TargetTracer(machine.configuration), machine)
        } catch {
            machine.dropEndOfInput()
            return (try TargetTracer(machine.configuration), machine)
        }
    }

    /// `3-5, 9`
    private static func ranges(_ lines: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for line in lines {
            if let last = ranges.last, last.upperBound + 1 == line {
                ranges[ranges.count - 1] = last.lowerBound...line
            } else {
                ranges.append(line...line)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
    }

    /// As a campaign's name and a file's.
    private static func usable(_ name: String) -> String {
        let characters = name.unicodeScalars.map { scalar -> Character in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            return isPlain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "-"
        }
        let text = String(String(characters).drop { "._-".contains($0) }.prefix(64))
        return text.isEmpty ? "imported" : text
    }
}
