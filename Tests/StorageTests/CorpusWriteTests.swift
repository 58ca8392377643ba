import Foundation
import Storage
import Testing

@Suite struct CorpusWriteTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func corpus(_ files: any FileSystem = LinuxFileSystem(), _ name: String = "c") -> CorpusDirectory
    {
        CorpusDirectory(directories: [directory.path + "/" + name], fileSystem: files)
    }

    @Test func writesUnderTheSHA1AndLoadsBack() throws {
        let corpus = corpus()
        try corpus.prepare()
        let name = try corpus.write(Array("abc".utf8))
        try corpus.write([])
        #expect(name == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(try directory.read("c/" + name) == Array("abc".utf8))
        #expect(try corpus.load(maxInputBytes: 10).files.map(\.bytes) == [Array("abc".utf8), []])
        #expect(directory.files().count == 2, "no temporary file stays")
    }

    @Test func createsParentsAndRefusesAFile() throws {
        try corpus(LinuxFileSystem(), "x/y/z").prepare()
        try corpus(LinuxFileSystem(), "x/y/z/").prepare()
        try directory.write([1], "file")
        for name in ["file", "file/below"] {
            let error = #expect(throws: StorageError.self) { try corpus(LinuxFileSystem(), name).prepare() }
            #expect(error?.code == ENOTDIR && "\(error!)".contains("directory is needed"))
        }
    }

    @Test func writesOnlyToTheFirstDirectory() throws {
        try directory.write([9], "second/seed")
        let corpus = CorpusDirectory(directories: [directory.path + "/first", directory.path + "/second"])
        try corpus.prepare()
        try corpus.write([1], replacing: inputName(of: [9]))
        #expect(directory.files() == ["first/" + inputName(of: [1]), "second/seed"])
    }

    @Test func removesTheReplacedOnlyAfterTheReplacementIsThere() throws {
        let files = FaultyFileSystem()
        let corpus = corpus(files)
        try corpus.prepare()
        let old = try corpus.write([1, 2, 3])
        let new = try corpus.write([1], replacing: old)
        #expect(directory.files() == ["c/" + new])
        let rename = try #require(files.log.lastIndex(of: "rename " + new))
        let remove = try #require(files.log.lastIndex(of: "unlink " + old))
        #expect(rename < remove)
        try corpus.write([1], replacing: new)
        #expect(directory.files() == ["c/" + new], "an input does not replace itself away")
    }

    @Test func shortWritesAreContinued() throws {
        let corpus = corpus(FaultyFileSystem(.init(writeLimitBytes: 3)))
        try corpus.prepare()
        let bytes = [UInt8](0..<100)
        #expect(try directory.read("c/" + corpus.write(bytes)) == bytes)
    }

    @Test func aFullDiskNamesTheDirectoryAndLosesNothing() throws {
        let files = FaultyFileSystem(.init(roomBytes: 25))
        let corpus = corpus(files)
        try corpus.prepare()
        let inputs = (0..<5).map { [UInt8](repeating: $0, count: 10) }
        var failures = 0
        for input in inputs {
            do { try corpus.write(input) } catch {
                failures += 1
                #expect(error.isDiskFull && error.path == directory.path + "/c")
                #expect("\(error)".contains("No space left on device"))
            }
        }
        #expect(failures == 3)
        #expect(corpus.pendingCount == 3)
        #expect(directory.files().count == 2, "what could not be written leaves no part of itself")
        files.change { $0.roomBytes = nil }
        try corpus.writePending()
        #expect(corpus.pendingCount == 0)
        #expect(try corpus.load(maxInputBytes: 100).files.count == 5)
    }

    @Test func aReplacementThatWaitsForRoomKeepsWhatItReplaces() throws {
        let files = FaultyFileSystem()
        let corpus = corpus(files)
        try corpus.prepare()
        let old = try corpus.write([1, 2, 3])
        files.change { $0.roomBytes = 0 }
        #expect(throws: StorageError.self) { try corpus.write([1], replacing: old) }
        #expect(directory.files() == ["c/" + old])
        files.change { $0.roomBytes = nil }
        try corpus.writePending()
        #expect(directory.files() == ["c/" + inputName(of: [1])])
    }

    /// Errno at the n-th call for all n: what was announced is whole, what failed is pending, and no error loses
    /// the input that is being replaced.
    @Test(arguments: [EIO, ENOSPC, EACCES, EMFILE]) func anyFailingCall(code: Int32) throws {
        var call = 0
        while true {
            let files = FaultyFileSystem(.init(failingCall: call, code: code))
            let name = "c\(call)"
            let corpus = corpus(files, name)
            let isPrepared = (try? corpus.prepare()) != nil
            if isPrepared {
                let old = try? corpus.write([1, 2, 3])
                _ = try? corpus.write([1], replacing: inputName(of: [1, 2, 3]))
                let onDisk = directory.files().filter { $0.hasPrefix(name + "/") && !$0.contains(".fuzzd") }
                for file in onDisk {
                    #expect(inputName(of: try directory.read(file)) == String(file.split(separator: "/")[1]))
                }
                let hasNew = onDisk.contains(name + "/" + inputName(of: [1]))
                #expect(old == nil || hasNew || onDisk.contains(name + "/" + inputName(of: [1, 2, 3])))
                #expect(hasNew || corpus.pendingCount > 0, "call \(call): \(files.log)")
                try corpus.writePending()
                #expect(corpus.pendingCount == 0)
            }
            #expect(files.openDescriptors == 0, "call \(call)")
            if files.calls <= call { break }
            call += 1
        }
        #expect(call >= 12)
    }

    @Test func aRestartClearsWhatDeadProcessesLeft() throws {
        // Process numbers end well below this one; process 1 lives.
        try directory.write([1], "c/.fuzzd/tmp-2000000000-1")
        try directory.write([1], "c/.fuzzd/tmp-1-7")
        try directory.write([1], "c/.fuzzd/tmp-\(getpid())-1")
        try directory.write([1], "c/.fuzzd/tmp-garbage")
        try directory.write([1], "c/.fuzzd/history.sqlite")
        let corpus = corpus()
        #expect(try corpus.load(maxInputBytes: 10).files.isEmpty, "a load does not see them")
        try corpus.prepare()
        #expect(directory.files() == ["c/.fuzzd/history.sqlite", "c/.fuzzd/tmp-1-7"])
    }

    @Test func oneDaemonACorpus() throws {
        let corpus = corpus()
        try corpus.prepare()
        var lock: CampaignLock? = try CampaignLock(
            stateDirectory: corpus.statePath, corpus: directory.path + "/c")
        let error = #expect(throws: StorageError.self) {
            try CampaignLock(stateDirectory: corpus.statePath, corpus: directory.path + "/c")
        }
        #expect(error?.isLockedByAnother == true)
        #expect("\(error!)".contains("process \(getpid())") && "\(error!)".contains(directory.path + "/c"))
        #expect(lock != nil)
        lock = nil
        _ = try CampaignLock(stateDirectory: corpus.statePath, corpus: directory.path + "/c")
    }

    @Test func aLockThatCannotBeMadeNamesItsFile() {
        let error = #expect(throws: StorageError.self) {
            try CampaignLock(stateDirectory: directory.path + "/missing", corpus: "c")
        }
        #expect(error?.code == ENOENT && error?.isLockedByAnother == false)
    }
}
