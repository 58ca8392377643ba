import Foundation
import Storage
import Testing

@Suite struct CorpusLoadTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func load(_ names: [String], limit: Int = 4096) throws -> CorpusLoad {
        try CorpusDirectory(directories: names.map { directory.path + "/" + $0 }).load(maxInputBytes: limit)
    }

    @Test func namesAreTheSHA1OfTheBytes() {
        // FIPS 180 example and the digest of nothing, as `sha1sum` prints them.
        #expect(inputName(of: Array("abc".utf8)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(inputName(of: []) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    }

    @Test func loadsRecursivelyInAFixedOrderWithoutHiddenDirectories() throws {
        try directory.write([3], "b/z")
        try directory.write([1], "b/a/deep")
        try directory.write([2], "b/.git/hidden")
        try directory.write([4], "b/.dotfile")
        try directory.write([5], "a/last")
        let load = try load(["b", "a"])
        #expect(load.files.map(\.bytes) == [[4], [1], [3], [5]])
        #expect(load.files[1].path == directory.path + "/b/a/deep")
        #expect(load.warnings.isEmpty)
    }

    @Test func equalBytesAreOneInput() throws {
        try directory.write([1, 2], "a/one")
        try directory.write([1, 2], "a/two")
        try directory.write([1, 2], "b/three")
        let load = try load(["a", "b"])
        #expect(load.files.count == 1)
        #expect(load.duplicates == 2)
    }

    @Test(arguments: [(0, 0), (7, 0), (8, 0), (9, 1)]) func sizeLimit(size: Int, warnings: Int) throws {
        try directory.write([UInt8](repeating: 7, count: size), "a/file")
        let load = try load(["a"], limit: 8)
        #expect(load.files.map(\.bytes.count) == [min(size, 8)])
        #expect(load.warnings.count == warnings)
        if let warning = load.warnings.first {
            #expect("\(warning)".contains("9 bytes") && "\(warning)".contains("first 8"))
        }
    }

    @Test func aGibibyteCostsOnlyWhatIsUsed() throws {
        try directory.write([], "a/huge")
        #expect(truncate(directory.path + "/a/huge", 1 << 30) == 0)
        let files = FaultyFileSystem()
        let corpus = CorpusDirectory(directories: [directory.path + "/a"], fileSystem: files)
        let load = try corpus.load(maxInputBytes: 4096)
        #expect(files.bytesRead == 4096)
        #expect(load.files.first?.bytes.count == 4096)
        #expect(
            load.warnings == [
                .truncated(path: directory.path + "/a/huge", sizeBytes: 1 << 30, limitBytes: 4096)
            ])
    }

    @Test func followsLinksToFilesOnly() throws {
        try directory.write([1], "elsewhere/file")
        try directory.write([2], "a/own")
        let manager = FileManager.default
        for (name, to) in [
            ("file", "../elsewhere/file"), ("directory", "../elsewhere"), ("self", "."), ("gone", "no"),
        ] {
            try manager.createSymbolicLink(atPath: directory.path + "/a/" + name, withDestinationPath: to)
        }
        let load = try load(["a"])
        #expect(load.files.map(\.bytes) == [[1], [2]])
        #expect(load.warnings == [.vanished(path: directory.path + "/a/gone")])
    }

    @Test func pipesAndSocketsAreNotInputs() throws {
        try directory.write([2], "a/own")
        #expect(mkfifo(directory.path + "/a/pipe", 0o600) == 0)
        let link = directory.path + "/a/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "pipe")
        #expect(try load(["a"]).files.map(\.bytes) == [[2]])
    }

    @Test func aFileDeletedWhileLoadingIsOneLine() throws {
        try directory.write([1], "a/one")
        try directory.write([2], "a/two")
        let files = FaultyFileSystem(
            .init(beforeOpen: { path in if path.hasSuffix("/one") { unlink(path) } }))
        let corpus = CorpusDirectory(directories: [directory.path + "/a"], fileSystem: files)
        let load = try corpus.load(maxInputBytes: 100)
        #expect(load.files.map(\.bytes) == [[2]])
        #expect(load.warnings == [.vanished(path: directory.path + "/a/one")])
        #expect(load.warnings.map { "\($0)" }[0].contains("deleted while"))
    }

    @Test func anUnreadableFileIsOneLine() throws {
        try directory.write([1], "a/one")
        try directory.write([2], "a/two")
        // Calls: opendir, open(one).
        let files = FaultyFileSystem(.init(failingCall: 1, code: EACCES))
        let load = try CorpusDirectory(directories: [directory.path + "/a"], fileSystem: files)
            .load(maxInputBytes: 100)
        #expect(load.files.map(\.bytes) == [[2]])
        #expect(load.warnings == [.unreadable(path: directory.path + "/a/one", code: EACCES)])
        #expect(load.warnings.map { "\($0)" }[0].hasSuffix("Permission denied"))
    }

    @Test func aDirectoryThatIsMissingOrAFileIsAnErrorThatNamesIt() throws {
        try directory.write([1], "file")
        for (name, code) in [("missing", ENOENT), ("file", ENOTDIR)] {
            let path = directory.path + "/" + name
            let error = #expect(throws: StorageError.self) { try load([name]) }
            #expect(error?.code == code)
            #expect(error?.path == path)
            #expect("\(error!)".contains("'\(path)'") && !"\(error!)".contains("\n"))
        }
    }

    @Test func anEmptyDirectoryIsAnEmptyCorpus() throws {
        try FileManager.default.createDirectory(
            atPath: directory.path + "/a", withIntermediateDirectories: true)
        #expect(try load(["a"]) == CorpusLoad())
    }

    @Test func aTreeThatIsTooDeepIsLeftOutWithAWarning() throws {
        let nested = Array(repeating: "d", count: 40).joined(separator: "/")
        try directory.write([1], "a/\(nested)/file")
        try directory.write([2], "a/top")
        let load = try load(["a"])
        #expect(load.files.map(\.bytes) == [[2]])
        #expect(load.warnings.count == 1 && "\(load.warnings[0])".contains("deeper than"))
    }

    /// Every call of a load fails in turn: never a trap, never a leaked descriptor, never a wrong input.
    @Test func anyFailingCallLeavesOutAtMostWhatItConcerns() throws {
        try directory.write([1], "a/one")
        try directory.write([2], "a/sub/two")
        var call = 0
        while true {
            let files = FaultyFileSystem(.init(failingCall: call, code: EIO))
            let corpus = CorpusDirectory(directories: [directory.path + "/a"], fileSystem: files)
            let load = try? corpus.load(maxInputBytes: 100)
            #expect(files.openDescriptors == 0, "call \(call)")
            if files.calls <= call { break }
            if let load {
                #expect(load.files.allSatisfy { [[1], [2]].contains($0.bytes) }, "call \(call)")
                #expect(load.files.count + load.warnings.count >= 2, "call \(call): \(files.log)")
            } else {
                #expect(call == 0, "only the list of the directory itself is needed")
            }
            call += 1
        }
        #expect(call >= 8)
    }
}
