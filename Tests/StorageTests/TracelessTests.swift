import Foundation
import Storage
import Testing

/// Files that appear whole with nothing beside them.
@Suite("Traceless files")
struct TracelessTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func nothingButTheFileIsThere() throws {
        try TracelessWriter().write([1, 2, 3], to: directory.path + "/a")
        #expect(directory.files() == ["a"])
        #expect(try directory.read("a") == [1, 2, 3])
    }

    @Test func aTakenNameStaysUnlessItIsReplaced() throws {
        let path = directory.path + "/a"
        try TracelessWriter().write([1], to: path)
        try TracelessWriter().write([2], to: path)
        #expect(try directory.read("a") == [1])
        try TracelessWriter().write([3], to: path, replaces: true)
        #expect(try directory.read("a") == [3])
        #expect(directory.files() == ["a"])
    }

    @Test func aFailureAtAnyCallLeavesNothingBehind() throws {
        try TracelessWriter().write([7], to: directory.path + "/a")
        var failed = 0
        for call in 0..<8 {
            let files = FaultyFileSystem(.init(failingCall: call, code: EIO))
            do throws(StorageError) {
                try TracelessWriter(fileSystem: files).write([1, 2], to: directory.path + "/a", replaces: true)
            } catch {
                failed += 1
                #expect(error.description.contains(directory.path))
                #expect([[7], [1, 2]].contains(try directory.read("a")))
            }
            #expect(directory.files() == ["a"], "call \(call)")
            #expect(files.openDescriptors == 0)
        }
        #expect(failed > 2)
    }

    @Test func aCorpusWithoutStateHasInputsOnly() throws {
        let corpus = CorpusDirectory(directories: [directory.path], policy: .inputsOnly)
        try corpus.prepare()
        let first = try corpus.write([1, 2])
        #expect(directory.files() == [first])
        let second = try corpus.write([1], replacing: first)
        #expect(directory.files() == [second])
        try directory.write([9], "from-another")
        #expect(corpus.newFiles(maxInputBytes: 100).map(\.bytes) == [[9]])
        #expect(corpus.newFiles(maxInputBytes: 100).isEmpty)
    }

    @Test func filesOfOthersAreTakenInOnceFromAllDirectories() throws {
        for name in ["own", "other"] { try directory.write([0], name + "/seed") }
        let corpus = CorpusDirectory(directories: ["own", "other"].map { directory.path + "/" + $0 })
        try corpus.prepare()
        #expect(try corpus.load(maxInputBytes: 4).files.count == 1)
        let own = try corpus.write([1, 2])
        try directory.write([3], "other/late")
        try directory.write([4, 4, 4, 4, 4, 4], "own/below/long")
        try directory.write([1, 2], "other/copy-of-\(own)")
        #expect(corpus.newFiles(maxInputBytes: 4).map(\.bytes) == [[4, 4, 4, 4], [3]])
        // Its writer was not done: a second look, and no third.
        try directory.write([3, 5], "other/late")
        #expect(corpus.newFiles(maxInputBytes: 4).map(\.bytes) == [[3, 5]])
        try directory.write([3, 5, 6], "other/late")
        #expect(corpus.newFiles(maxInputBytes: 4).isEmpty)
    }

    @Test func withoutADirectoryInputsStayInMemory() throws {
        let corpus = CorpusDirectory(directories: [], policy: .inputsOnly)
        try corpus.prepare()
        _ = try corpus.write([1])
        #expect(corpus.newFiles(maxInputBytes: 100).isEmpty)
        #expect(directory.files().isEmpty)
    }

    @Test func artifactsHaveLibFuzzersNames() throws {
        let plain = PlainArtifacts(prefix: directory.path + "/found-")
        #expect(try plain.write([0x48], word: "crash") == directory.path + "/found-crash-7cf184f4c67ad58283ecb19349720b0cae756829")
        let exact = PlainArtifacts(prefix: "./", exactPath: directory.path + "/exact")
        _ = try exact.write([1], word: "crash")
        _ = try exact.write([2], word: "oom")
        #expect(try directory.read("exact") == [2])
        #expect(directory.files().count == 2)
    }
}
