import Foundation
import Storage
import Testing

@Suite struct ArtifactTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { directory.path + "/artifacts" }

    private func record(_ kind: ArtifactKind = .crash, signature: String = "f>g", size: Int = 3)
        -> ArtifactRecord
    {
        ArtifactRecord(
            kind: kind, signature: signature, signal: 11, signalName: "SIGSEGV",
            message: "Fatal error: \"x\"",
            stack: [
                .init(module: "/usr/bin/pc-fuzz", offset: 0x1234, symbol: "f"),
                .init(module: "libc.so.6", offset: 7),
            ],
            size: size, harness: "generic", config: "configs/a.yaml", seed: .max,
            reproduce: "fuzzd reproduce --config configs/a.yaml artifacts/crash-x",
            firstSeen: Date(timeIntervalSince1970: 1_000_000_000), executions: 42, output: "line\n\u{1}end")
    }

    @Test(arguments: ArtifactKind.allCases) func savesUnderLibFuzzersNames(kind: ArtifactKind) throws {
        let store = ArtifactStore(directory: path)
        #expect(try store.prepare().isEmpty)
        let saved = try store.save(Array("abc".utf8), record: record(kind))
        let prefix = [ArtifactKind.crash: "crash", .timeout: "timeout", .outOfMemory: "oom", .leak: "leak"][
            kind]!
        let name = prefix + "-a9993e364706816aba3e25717850c26c9cd0d89d"
        #expect(saved == path + "/" + name)
        #expect(directory.files() == ["artifacts/" + name, "artifacts/" + name + ".json"])
        #expect(try directory.read("artifacts/" + name) == Array("abc".utf8))
    }

    @Test func theRecordIsReadableJSON() throws {
        let text = String(decoding: record().encoded(), as: UTF8.self)
        let expected = """
            {
              "config" : "configs/a.yaml",
              "count" : 1,
              "executions" : 42,
              "first_seen" : "2001-09-09T01:46:40Z",
              "harness" : "generic",
              "kind" : "crash",
              "message" : "Fatal error: \\"x\\"",
              "output" : "line\\n\\u0001end",
              "reproduce" : "fuzzd reproduce --config configs/a.yaml artifacts/crash-x",
              "seed" : 18446744073709551615,
              "signal" : 11,
              "signal_name" : "SIGSEGV",
              "signature" : "f>g",
              "size" : 3,
              "stack" : [
                {
                  "module" : "/usr/bin/pc-fuzz",
                  "offset" : 4660,
                  "symbol" : "f"
                },
                {
                  "module" : "libc.so.6",
                  "offset" : 7
                }
              ],
              "verified" : false
            }

            """
        #expect(text == expected)
        #expect(ArtifactRecord(decoding: record().encoded()) == record())
        #expect(ArtifactRecord(decoding: Array("{}".utf8)) == nil)
    }

    @Test func aRestartKnowsTheSignatures() throws {
        let first = ArtifactStore(directory: path)
        try first.prepare()
        try first.save([1, 2, 3], record: record())
        var seen = try #require(first.artifact(kind: .crash, signature: "f>g"))
        #expect(
            first.artifact(kind: .timeout, signature: "f>g") == nil, "each kind has signatures of its own")
        #expect(first.artifact(kind: .crash, signature: "other") == nil)
        seen.record?.count = 2
        seen.record?.verified = true
        try first.update(seen.name, record: try #require(seen.record))

        let second = ArtifactStore(directory: path)
        #expect(try second.prepare() == [seen])
        #expect(second.artifact(kind: .crash, signature: "f>g") == seen)
    }

    @Test func anEmptySignatureIsNotASignature() throws {
        let store = ArtifactStore(directory: path)
        try store.prepare()
        try store.save([1], record: record(.timeout, signature: ""))
        #expect(store.artifact(kind: .timeout, signature: "") == nil)
    }

    @Test func damagedAndForeignFilesDoNoHarm() throws {
        let name = "crash-" + inputName(of: [1])
        try directory.write([1], "artifacts/" + name)
        try directory.write(Array("{\"kind\": 3".utf8), "artifacts/" + name + ".json")
        try directory.write([2], "artifacts/oom-" + inputName(of: [2]))
        for foreign in [
            "notes.txt", "crash-123", "slow-unit-" + inputName(of: [3]),
            "crash-" + String(repeating: "G", count: 40),
        ] {
            try directory.write([3], "artifacts/" + foreign)
        }
        let artifacts = try ArtifactStore(directory: path).prepare()
        #expect(artifacts == [.init(name: name), .init(name: "oom-" + inputName(of: [2]))])
    }

    /// What finds no room waits, is written in order when there is room, with the newest record.
    @Test func artifactsWaitForRoom() throws {
        let files = FaultyFileSystem(.init(failingCall: 0, code: ENOSPC, staysBroken: true))
        let store = ArtifactStore(directory: path, fileSystem: files)
        let healthy = ArtifactStore(directory: path)
        try healthy.prepare()
        #expect(throws: StorageError.self) { try store.save([1], record: record(signature: "a")) }
        #expect(throws: StorageError.self) { try store.save([2], record: record(.timeout, signature: "")) }
        var verified = record(signature: "a")
        verified.verified = true
        #expect(throws: StorageError.self) { try store.save([1], record: verified) }
        let name = ArtifactStore.name(kind: .crash, input: [1])
        #expect(store.pendingCount == 2 && store.isPending(name))
        #expect(directory.files().filter { !$0.contains(".fuzzd") }.isEmpty)
        files.change { $0.failingCall = nil }
        try store.writePending()
        #expect(store.pendingCount == 0 && !store.isPending(name))
        #expect(store.artifact(kind: .crash, signature: "a")?.record?.verified == true)
        #expect(try healthy.prepare().map(\.name) == [name, ArtifactStore.name(kind: .timeout, input: [2])])
    }

    /// Errno at the n-th call for all n: an artifact on disk is whole, a record is never there without it, and
    /// saving again completes both.
    @Test func anyFailingCall() throws {
        var call = 0
        while true {
            let folder = "artifacts\(call)"
            let files = FaultyFileSystem(.init(failingCall: call, code: ENOSPC))
            let store = ArtifactStore(directory: directory.path + "/" + folder, fileSystem: files)
            do throws(StorageError) {
                try store.prepare()
                try store.save([1, 2, 3], record: record())
            } catch {
                #expect(error.code == ENOSPC && error.path.contains(folder))
            }
            let name = folder + "/crash-" + inputName(of: [1, 2, 3])
            let there = directory.files().filter { $0.hasPrefix(folder + "/") && !$0.contains(".fuzzd") }
            #expect(there.isEmpty || there[0] == name, "a record without its input: \(there)")
            if !there.isEmpty { #expect(try directory.read(name) == [1, 2, 3]) }
            #expect(files.openDescriptors == 0, "call \(call)")
            if files.calls <= call { break }
            try store.prepare()
            try store.save([1, 2, 3], record: record())
            let complete = directory.files().filter { $0.hasPrefix(folder + "/") && !$0.contains(".fuzzd") }
            #expect(complete == [name, name + ".json"])
            call += 1
        }
        #expect(call >= 18, "mkdir, open, write, fsync, close, rename and the directory's fsync, twice")
    }
}
