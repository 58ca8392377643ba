import Storage

/// Shell commands for the next steps with an artifact; each works in the directory where the campaign was started.
package enum CrashCommands {
    /// What each is for, and the command.
    package static func all(_ artifact: TriagedArtifact, configPath: String?) -> [(purpose: String, command: String)] {
        guard let config = configPath ?? artifact.entry.record?.config else { return [] }
        let path = artifact.entry.path
        var commands = [("reproduce", line(["reproduce", "--config", config, "--runs", "\(RunTally.usualRuns)", path]))]
        if let cause = artifact.triage?.cause, cause.kind == .state, let reset = cause.reset {
            let earlier = (cause.inputs ?? []).indices.map { "\(path).before-\($0 + 1)" }
            commands = [("reproduce", line(["reproduce", "--config", config, "--reset", reset] + earlier + [path]))]
        }
        commands.append(("minimize", line(["minimize", "--config", config, path])))
        // What an input comes to in device accesses is known of the generic harnesses only: ours, and QEMU's `generic-fuzz-…`.
        if artifact.entry.record?.harness.hasPrefix("generic") ?? true {
            commands.append(("export", line(["export", "--config", config, "--format", "bash", path])))
        }
        return commands
    }

    private static func line(_ words: [String]) -> String {
        (["fuzzd"] + words).map(Campaign.shellQuoted).joined(separator: " ")
    }
}
