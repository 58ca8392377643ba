import Foundation

/// The source coverage of one target by one corpus, merged, and the tools that read it. Lives in a temporary directory that
/// goes away with it.
final class SourceProfile {
    let directory: String
    /// The program with its coverage mapping.
    private let program: String
    private var tools: ProfileTools?

    /// Where the target writes its raw profile.
    var rawPath: String { directory + "/raw.profraw" }
    private var mergedPath: String { directory + "/merged.profdata" }

    init(program: String) throws {
        self.program = program
        var template = Array((NSTemporaryDirectory() + "/fuzzd-coverage-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else {
            throw CommandFailure(
                .storageFailure, "\(NSTemporaryDirectory()): no temporary directory can be made; set TMPDIR to a writable one")
        }
        directory = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Merges the raw profile with the first of the tools that can read it.
    func merge(with candidates: [ProfileTools]) throws {
        guard FileManager.default.fileExists(atPath: rawPath) else {
            throw CommandFailure(.targetUnusable, "\(program): wrote no source coverage when it was stopped")
        }
        var message = ""
        for candidate in candidates {
            let result = ToolProcess.run(candidate.profdata, ["merge", "-sparse", rawPath, "-o", mergedPath])
            if result.isDone {
                tools = candidate
                return
            }
            message = "\(candidate.profdata): \(result.message)"
        }
        throw CommandFailure(
            .failure, "no llvm-profdata here reads the target's profile (\(message)); name llvm-cov of the compiler that "
                + "built it in \(ProfileTools.variable)")
    }

    /// llvm-cov's table of files.
    func report() throws -> String {
        let path = try output(["report"])
        return String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// Writes it in lcov's or llvm-cov's own JSON format.
    func export(format: String, to path: String) throws {
        try ReportFile.move(output(["export", "-format=\(format)"]), to: path)
    }

    /// Writes all annotated sources on one page.
    func page(title: String, to path: String) throws {
        try ReportFile.move(output(["show"] + Self.pageArguments(title)), to: path)
    }

    /// A directory of annotated sources with an index, in the place of an earlier one.
    func pages(title: String, into path: String) throws {
        let new = path + ".\(getpid()).new"
        defer { try? FileManager.default.removeItem(atPath: new) }
        _ = try output(["show"] + Self.pageArguments(title) + ["-output-dir=\(new)"])
        let old = path + ".\(getpid()).old"
        do {
            let isThere = FileManager.default.fileExists(atPath: path)
            if isThere { try FileManager.default.moveItem(atPath: path, toPath: old) }
            try FileManager.default.moveItem(atPath: new, toPath: path)
            if isThere { try? FileManager.default.removeItem(atPath: old) }
        } catch {
            throw CommandFailure(.storageFailure, "\(path): cannot be written: \(error.localizedDescription)")
        }
    }

    /// Instantiations of generic code would repeat each line for each of them.
    private static func pageArguments(_ title: String) -> [String] {
        ["-format=html", "-show-instantiations=false", "-project-title=\(title)"]
    }

    /// The path of what llvm-cov printed, until it is run again: for a large program hundreds of megabytes.
    private func output(_ arguments: [String]) throws -> String {
        guard let tools else { throw CommandFailure(.failure, "the profile was not merged") }
        let path = directory + "/output"
        let result = ToolProcess.run(tools.cov, arguments + ["-instr-profile=\(mergedPath)", program], output: path)
        guard result.isDone else {
            throw CommandFailure(.failure, "\(tools.cov) \(arguments.first ?? "") failed: \(result.message)")
        }
        return path
    }

    /// Refuses a directory that llvm-cov did not make.
    static func check(directory path: String) throws {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            guard !FileManager.default.fileExists(atPath: path) else {
                throw CommandFailure(.storageFailure, "--html \(path): is no directory; name one, or a file that ends in .html")
            }
            return try ReportFile.check([path])
        }
        guard names.isEmpty || (names.contains("index.html") && names.contains("style.css")) else {
            throw CommandFailure(
                .storageFailure, "--html \(path): is a directory with other things than an earlier report; name another one")
        }
    }
}
