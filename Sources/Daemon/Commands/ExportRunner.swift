import Reproducers

/// Runs `fuzzd export`.
package enum ExportRunner {
    /// Writes an artifact as a script for people without fuzzd.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: ExportOptions) throws -> FuzzdExitCode {
        let traced = try TracedArtifact(options.artifactPath, options.configPath)
        let reproducer = try traced.reproducer(traced.run.trace.reordered().commands)
        traced.warn()
        try TracedArtifact.put(reproducer.text(options.format), to: options.outputPath)
        return .success
    }
}

extension TracedArtifact {
    /// The commands with the machine they are for.
    func reproducer(_ commands: [QTestCommand]) throws -> Reproducer {
        let failure = try failure()
        guard let line = tracer.commandLine else {
            throw CommandFailure(
                .usage, "\(tracer.configuration.file): the target does not say which machine it makes; only QEMU's and pc-fuzz do")
        }
        return Reproducer(
            commands: commands, commandLine: line, name: "\(tracer.configuration.name)_\(artifact.name.suffix(8))",
            summary: failure.summary)
    }
}
