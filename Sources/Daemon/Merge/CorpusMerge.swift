import ForkServer
import Foundation
import Fuzzing
import Glibc
import Storage

/// What `fuzzd merge` and libFuzzer's `-merge=1` have in common: which files there are, what each of them showed, and how a merge
/// that was killed goes on.
///
/// The control file is written before anything runs, and again after each batch. Owned by one thread.
struct CorpusMerge {
    /// What one input did.
    struct Run {
        var verdict: Verdict
        /// Counters that are not zero: `edge << 8 | hitCount`.
        var counters: [UInt32]
    }

    /// How far it is, for display.
    struct Progress {
        var processed: Int
        var executed: Int
        var edges: Int
        var features: Int
    }

    let controlPath: String
    /// All features of each file, as a set cover needs them; otherwise those that no file before it had.
    var isFull: Bool
    var usesCounters = true
    /// Longer files are cut.
    var maxInputBytes: Int
    /// Takes libFuzzer's words about the control file.
    var log: (String) -> Void = { _ in }

    /// Files handed to the target at once.
    private static let batch = 64

    /// The control file of an earlier merge of the same files, or a new one on disk.
    func prepare(first: String, others: [String]) throws(StorageError) -> MergeControlFile {
        let firstFiles = Self.files(below: [first])
        let fresh = MergeControlFile(paths: firstFiles + Self.files(below: others), firstCorpusCount: firstFiles.count)
        if let bytes = Self.contents(of: controlPath), !bytes.isEmpty {
            log("MERGE-OUTER: non-empty control file provided: '\(controlPath)'")
            if let known = MergeControlFile(parsing: String(decoding: bytes, as: UTF8.self)) {
                log(
                    "MERGE-OUTER: control file ok, \(known.paths.count) files total, "
                        + "first not processed file \(known.entries.count)")
                if let resumed = resume(known, fresh) {
                    try write(resumed.text)
                    return resumed
                }
                log("MERGE-OUTER: the corpora have other files than the control file; starting from scratch")
            } else {
                log("MERGE-OUTER: bad control file, will overwrite it")
            }
        }
        try write(fresh.header)
        return fresh
    }

    /// Runs what was not run yet, and writes down what each file showed before the next batch.
    ///
    /// - Parameters:
    ///   - run: what inputs do, in their order.
    ///   - isStopped: asked before each batch; what was processed stays written down.
    func process(
        _ control: inout MergeControlFile, modules: ModuleTable, run: ([[UInt8]]) throws -> [Run],
        onFinding: (_ run: Run, _ input: [UInt8], _ path: String) -> Void, onFile: (Progress) -> Void,
        isStopped: () -> Bool = { false }
    ) throws {
        var collector = MergeFeatures(control, modules: modules, isFull: isFull, usesCounters: usesCounters)
        var executed = 0
        while control.entries.count < control.paths.count, !isStopped() {
            let next = control.entries.count..<min(control.paths.count, control.entries.count + Self.batch)
            let inputs = next.map { input(at: control.paths[$0]) ?? [] }
            var lines = ""
            for (offset, result) in try run(inputs).enumerated() {
                let entry = collector.entry(result, sizeBytes: inputs[offset].count)
                if result.verdict.isFinding { onFinding(result, inputs[offset], control.paths[next.lowerBound + offset]) }
                lines += entry.lines(index: control.entries.count)
                control.entries.append(entry)
                executed += 1
                onFile(
                    Progress(
                        processed: control.entries.count, executed: executed, edges: collector.edgeCount,
                        features: collector.featureCount))
            }
            try append(lines)
        }
    }

    /// A file of the merge, cut where it is too long; `nil` if it cannot be read any more.
    func input(at path: String) -> [UInt8]? { Self.contents(of: path).map { Array($0.prefix(maxInputBytes)) } }

    /// An earlier merge goes on where the files are those that it had, or those that it has since added to the first corpus.
    private func resume(_ known: MergeControlFile, _ fresh: MergeControlFile) -> MergeControlFile? {
        let knownFirst = Set(known.paths.prefix(known.firstCorpusCount))
        let knownOthers = Set(known.paths.dropFirst(known.firstCorpusCount))
        guard Set(fresh.paths.dropFirst(fresh.firstCorpusCount)) == knownOthers else { return nil }
        let added = fresh.paths.prefix(fresh.firstCorpusCount).filter { !knownFirst.contains($0) }
        guard knownFirst.isSubset(of: fresh.paths) else { return nil }
        guard !added.isEmpty else { return known }
        // Files that a merge which ended has added are copies of what it processed.
        guard known.entries.count == known.paths.count else { return nil }
        let names = Set(knownOthers.compactMap { Self.contents(of: $0).map(inputName(of:)) })
        let isOurs = added.allSatisfy { names.contains(URL(fileURLWithPath: $0).lastPathComponent) }
        return isOurs ? known : nil
    }

    /// By size, then by path, so that every merge of the same files has the same order.
    static func files(below directories: [String]) -> [String] {
        var found: [(size: Int, path: String)] = []
        for directory in directories {
            guard let walk = FileManager.default.enumerator(atPath: directory) else { continue }
            while let name = walk.nextObject() as? String {
                let path = directory.hasSuffix("/") ? directory + name : directory + "/" + name
                var status = stat()
                guard !name.hasPrefix("."), !name.contains("/."), !path.contains("\n"), stat(path, &status) == 0,
                    status.st_mode & S_IFMT == S_IFREG
                else { continue }
                found.append((Int(status.st_size), path))
            }
        }
        return found.sorted { ($0.size, $0.path) < ($1.size, $1.path) }.map(\.path)
    }

    private static func contents(of path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map(Array.init)
    }

    private func write(_ text: String) throws(StorageError) {
        try TracelessWriter().write(Array(text.utf8), to: controlPath, replaces: true)
    }

    /// One write for each batch, so that a merge which is killed loses at most that.
    private func append(_ text: String) throws(StorageError) {
        let descriptor = open(controlPath, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw StorageError(step: .writeFile, path: controlPath, code: errno)
        }
    }
}
