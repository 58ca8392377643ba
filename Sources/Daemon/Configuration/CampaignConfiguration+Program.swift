import Glibc

extension CampaignConfiguration {
    /// The path of the target program: a name without a slash is looked up beside `fuzzd`, then in `PATH`; a path with
    /// one is relative to the configuration file.
    ///
    /// - Parameters:
    ///   - daemonDirectory: where the `fuzzd` executable lies; asked for only where it matters.
    ///   - searchPath: the value of `PATH`, likewise.
    /// - Throws: an error that names the file, the line and where the program was looked for.
    package func resolvedProgram(
        daemonDirectory: @autoclosure () -> String, searchPath: @autoclosure () -> String
    ) throws(ConfigurationError) -> String {
        let program = target.program
        if program.contains("/") {
            let path = Self.resolve(program, besides: file)
            if Self.isExecutable(path) { return path }
            throw missing("no executable file '\(path)'")
        }
        let daemonDirectory = daemonDirectory()
        let directories = [daemonDirectory] + searchPath().split(separator: ":").map(String.init)
        for directory in directories where Self.isExecutable(directory + "/" + program) {
            return directory + "/" + program
        }
        throw missing("no program '\(program)' in '\(daemonDirectory)' (beside fuzzd) or in PATH")
    }

    private func missing(_ problem: String) -> ConfigurationError {
        ConfigurationError(
            file: file, line: programLine, key: "target.program",
            problem: problem + "; build it or name its path")
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return access(path, X_OK) == 0
    }
}
