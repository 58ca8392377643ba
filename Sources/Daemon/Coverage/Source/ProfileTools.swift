import Foundation

/// LLVM's two programs for source coverage, of one release. A raw profile is read by the release whose compiler built the
/// target, so where several are installed they are tried in turn.
package struct ProfileTools: Sendable, Equatable {
    package var cov: String
    package var profdata: String

    /// Path of llvm-cov; its llvm-profdata lies beside it under the same version.
    package static let variable = "FUZZD_LLVM_COV"
    /// Releases whose names carry the version, as Debian's packages have it; newest first.
    private static let versions = stride(from: 25, through: 13, by: -1)

    /// All pairs there are, the likeliest first: those in `PATH`, those beside the compilers in `PATH`, those with a version.
    package static func all(
        environment: [String: String], isProgram: (String) -> Bool = FileManager.default.isExecutableFile
    ) -> [ProfileTools] {
        if let path = environment[variable] {
            return pair(path).map { tools in isProgram(tools.cov) && isProgram(tools.profdata) ? [tools] : [] } ?? []
        }
        let directories = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
        // A toolchain is often reached by a link into it.
        let compilers = directories.flatMap { directory in ["swift", "clang"].map { directory + "/" + $0 } }
            .filter(isProgram)
            .map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().deletingLastPathComponent().path }
        let places =
            directories.map { $0 + "/llvm-cov" } + compilers.map { $0 + "/llvm-cov" }
            + versions.flatMap { version in directories.map { $0 + "/llvm-cov-\(version)" } }
        var seen: Set<String> = []
        return places.compactMap { place in
            guard let tools = pair(place), isProgram(tools.cov), isProgram(tools.profdata),
                seen.insert(URL(fileURLWithPath: tools.cov).resolvingSymlinksInPath().path).inserted
            else { return nil }
            return tools
        }
    }

    /// The pair that a path of llvm-cov belongs to.
    private static func pair(_ cov: String) -> ProfileTools? {
        guard let name = cov.range(of: "llvm-cov", options: .backwards) else { return nil }
        return ProfileTools(cov: cov, profdata: cov.replacingCharacters(in: name, with: "llvm-profdata"))
    }
}

/// A program that is run to its end.
enum ToolProcess {
    /// - Parameter output: path of a file for standard output; `nil` drops it.
    /// - Returns: whether it ended with 0, and the last line that it wrote to standard error.
    static func run(_ program: String, _ arguments: [String], output: String? = nil) -> (isDone: Bool, message: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        do {
            if let output {
                _ = FileManager.default.createFile(atPath: output, contents: nil)
                process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
            } else {
                process.standardOutput = FileHandle.nullDevice
            }
            try process.run()
        } catch {
            return (false, error.localizedDescription)
        }
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let isDone = process.terminationReason == .exit && process.terminationStatus == 0
        return (isDone, text.split(separator: "\n").last.map { TerminalText.sanitised(String($0)) } ?? "no message")
    }
}
