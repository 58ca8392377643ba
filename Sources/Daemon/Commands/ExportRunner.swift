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
    /// The machine that the script is for.
    ///
    /// - Throws: `CommandFailure` for a harness that does not say, whatever the artifact does.
    func machine() throws -> QEMUCommandLine {
        guard let line = tracer.commandLine else {
            throw CommandFailure(
                .usage,
                "\(tracer.configuration.file): only inputs of generic-fuzz harnesses (--fuzz-target=generic-fuzz…, --harness generic) "
                    + "can be exported and confirmed, as only these say which machine they make; 'fuzzd trace' prints the commands "
                    + "of this one, 'fuzzd reproduce' runs it")
        }
        return line
    }

    /// The commands with the machine they are for.
    func reproducer(_ commands: [QTestCommand]) throws -> Reproducer {
        let line = try machine()
        let failure = try failure()
        return Reproducer(
            commands: commands, commandLine: line, name: "\(tracer.configuration.name)_\(artifact.name.suffix(8))",
            summary: failure.summary)
    }
}
