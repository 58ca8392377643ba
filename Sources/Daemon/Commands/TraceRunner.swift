import Foundation
import Reproducers

/// Runs `fuzzd trace`.
package enum TraceRunner {
    /// Prints the qtest commands that an artifact comes to.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: TraceOptions) throws -> FuzzdExitCode {
        let traced = try TracedArtifact(options.artifactPath, options.configPath)
        if let line = traced.tracer.commandLine {
            print("# \(line.program) \(line.standardInputArguments.joined(separator: " "))")
        }
        print("# \(traced.artifact.name): \(traced.run.failure?.summary ?? "no failure any more")")
        let namesPlaces = traced.run.trace.entries.contains { $0.place != nil }
        let map = namesPlaces ? nil : MemoryTreeQuery.map(traced.tracer)
        for line in TraceText(map: map).lines(traced.run.trace.reordered()) { print(line) }
        traced.warn()
        return .success
    }
}

/// An artifact and what it came to on its target.
struct TracedArtifact {
    let artifact: Artifact
    let tracer: TargetTracer
    let run: TargetTracer.Run

    /// - Throws: `CommandFailure`; also for a target whose harness logs no qtest commands.
    init(_ path: String, _ configPath: String?) throws {
        artifact = try Artifact(path: path)
        let configuration = try artifact.configuration(configPath)
        tracer = try TargetTracer(configuration)
        run = try tracer.run(artifact.input)
        guard !run.trace.entries.isEmpty else {
            throw CommandFailure(
                .usage,
                "\(configuration.file): its target logs no qtest commands; traces are of generic-fuzz harnesses (--harness generic, --fuzz-target=…)")
        }
    }

    /// - Throws: `CommandFailure` if the artifact does not fail any more.
    func failure() throws -> FailureEvidence {
        guard let failure = run.failure else {
            throw CommandFailure(.notConfirmed, "\(artifact.path): no failure any more on its own target; nothing to show, nothing written")
        }
        return failure
    }

    func warn() {
        guard run.trace.hasDoubleFetch else { return }
        ErrorOutput.print("WARNING: the device reads some memory twice for one access; a script can show it one content only")
    }

    /// Writes a new file, or prints.
    ///
    /// - Throws: `CommandFailure` where the file is there with other contents, or cannot be written.
    static func put(_ text: String, to path: String?) throws {
        guard let path else { return print(text, terminator: "") }
        try write(Array(text.utf8), to: path)
    }
}
