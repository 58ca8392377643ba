import Foundation
import Storage

/// Runs `fuzzd libfuzzer`: a harness's command line, as libFuzzer understands it.
package enum LibFuzzerRunner {
    /// Does what the arguments ask and returns the exit code. Prints to standard error itself.
    package static func run(_ options: LibFuzzerOptions) -> Int32 {
        let arguments = LibFuzzerArguments(options.arguments)
        let log = LibFuzzerLog(verbosity: arguments["verbosity"])
        log.tell(arguments.messages)
        StopSignals.ignoreThoseOfFailedWrites()
        if arguments.isOn("help") {
            log.tell(LibFuzzerHelp.lines(program: options.argumentZero))
            return LibFuzzerExitCode.success
        }
        let session = LibFuzzerSession(options: options, arguments: arguments, log: log)
        do {
            return try run(session)
        } catch let failure as LibFuzzerFailure {
            if !failure.message.isEmpty { log.tell(failure.message) }
            return failure.exitCode
        } catch {
            log.tell("ERROR: fuzzd: \(error)")
        }
        return LibFuzzerExitCode.failure
    }

    private static func run(_ session: LibFuzzerSession) throws -> Int32 {
        let arguments = session.arguments
        if arguments["jobs"] > 0 { return try LibFuzzerJobs(session: session).run() }
        if let mode = try modeWithoutCampaign(session) {
            LibFuzzerSignals.install(arguments)
            return try mode()
        }
        return try LibFuzzerFuzzing(session: session).run()
    }

    /// What the arguments ask for where that is not fuzzing, which has an answer to signals of its own.
    private static func modeWithoutCampaign(_ session: LibFuzzerSession) throws -> (() throws -> Int32)? {
        let arguments = session.arguments
        if arguments.isOn("minimize_crash") { return LibFuzzerMinimization(session: session).run }
        if arguments.isOn("cleanse_crash") { return LibFuzzerCleansing(session: session).run }
        if !arguments.inputs.isEmpty, arguments.inputs.allSatisfy(isFile) { return LibFuzzerFiles(session: session).run }
        try requireDirectories(arguments)
        if arguments.isOn("merge") || arguments.isOn("set_cover_merge") { return LibFuzzerMerge(session: session).run }
        return nil
    }

    static func isFile(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
    }

    static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// Directories that the arguments name are there, or made with `-create_missing_dirs=1`.
    private static func requireDirectories(_ arguments: LibFuzzerArguments) throws {
        var wanted = arguments.inputs
        if let prefix = arguments.text("artifact_prefix"), prefix.contains("/") {
            wanted.append(prefix.hasSuffix("/") ? prefix : TracelessWriter.directory(of: prefix))
        }
        if let path = arguments.text("exact_artifact_path") { wanted.append(TracelessWriter.directory(of: path)) }
        if let path = arguments.text("features_dir") { wanted.append(path) }
        for directory in wanted where !isDirectory(directory) {
            if arguments.isOn("create_missing_dirs"),
                (try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)) != nil
            {
                continue
            }
            if isFile(directory) { throw LibFuzzerFailure(message: "Not a directory: \(directory); exiting") }
            throw LibFuzzerFailure(message: "ERROR: The required directory \"\(directory)\" does not exist")
        }
    }
}
