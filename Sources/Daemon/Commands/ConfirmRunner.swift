import Reproducers

/// Runs `fuzzd confirm`.
package enum ConfirmRunner {
    /// Runs an artifact's script on a program that knows nothing of fuzzing, says what happens, and makes the script shorter there.
    ///
    /// - Returns: how the process ends: success if the failure is the same in every run. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: ConfirmOptions) throws -> FuzzdExitCode {
        let traced = try TracedArtifact(options.artifactPath, options.configPath)
        _ = try traced.machine()
        let failure = try traced.failure()
        traced.warn()
        let script = traced.run.trace.reordered().commands
        let program = try ConfirmedProgram(
            options.program, arguments: options.programArguments, silenceSeconds: options.silenceSeconds, tracer: traced.tracer)
        print("artifact:  \(traced.artifact.name): \(failure.summary)")
        print("program:   \(program.commandLine)")
        if program.lacksQTestAccelerator {
            print("           built without the qtest accelerator: its processor is stopped instead, its clock cannot be stepped")
        }
        // What people do first; a main loop that must turn between two commands shows in the second way only.
        var confirmation = Confirmation(program, script, failure, .piped, runs: options.runs)
        describe(confirmation, script)
        if confirmation.sameCount == 0 {
            let stepped = Confirmation(program, script, failure, .stepped, runs: options.runs)
            describe(stepped, script)
            if stepped.sameCount > 0 { confirmation = stepped }
        }
        guard confirmation.sameCount > 0 else { return .notConfirmed }
        let shortest = options.minimizes ? try minimize(script, program, failure, confirmation) : script
        let reproducer = try traced.reproducer(shortest)
        if options.outputPath == nil { print("") }
        try TracedArtifact.put(reproducer.text(options.format), to: options.outputPath)
        return confirmation.sameCount == options.runs ? .success : .notConfirmed
    }

    private static func describe(_ confirmation: Confirmation, _ script: [QTestCommand]) {
        let way = confirmation.feeding == .piped ? "piped in at once" : "each sent when the one before is answered"
        print("script:    \(script.count) commands, \(way)")
        print("result:    \(confirmation.text)\(confirmation.summary.map { ": \($0)" } ?? "")")
    }

    private static func minimize(
        _ script: [QTestCommand], _ program: ConfirmedProgram, _ failure: FailureEvidence, _ confirmation: Confirmation
    ) throws -> [QTestCommand] {
        // Where it does not fail each time, one run that does not says little.
        let attempts = confirmation.isAlwaysEqual ? 1 : 4
        var minimizer = TraceMinimizer { commands in
            for _ in 0..<attempts {
                if case .same = Confirmation.outcome(program, commands, failure, confirmation.feeding) { return true }
            }
            return false
        }
        let shortest = try minimizer.minimize(script) { kept, trials in
            ErrorOutput.print("INFO: minimizing: \(kept.count) commands after \(trials) runs")
        }
        print("minimized: \(shortest.count) of \(script.count) commands are enough, \(minimizer.trials) runs")
        return shortest
    }
}
