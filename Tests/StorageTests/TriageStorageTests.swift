import Foundation
import Storage
import Testing

/// What is kept beside artifacts for triage.
@Suite struct TriageStorageTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { directory.path + "/artifacts" }

    private func sighting(_ signature: String = "f", _ kind: ArtifactKind = .crash, count: UInt64 = 1, at seconds: Double = 100)
        -> SightingLog.Sighting
    {
        let time = Date(timeIntervalSince1970: seconds)
        return SightingLog.Sighting(kind: kind, signature: signature, count: count, firstSeen: time, lastSeen: time)
    }

    private func record(size: Int) -> ArtifactRecord {
        ArtifactRecord(
            kind: .crash, signature: "f", size: size, harness: "generic", config: "a.yaml", seed: 1, reproduce: "",
            firstSeen: Date(timeIntervalSince1970: 1), executions: 1)
    }

    @Test func sightingsAreSummedOverStarts() throws {
        let state = directory.path
        #expect(try SightingLog.read(stateDirectory: state).isEmpty, "nothing there is no error")
        do {
            let log = try SightingLog(stateDirectory: state)
            try log.add([sighting(count: 3, at: 200), sighting("g"), sighting("f", .leak)])
            try log.add([])
        }
        // Two daemons on one directory.
        let one = try SightingLog(stateDirectory: state)
        let two = try SightingLog(stateDirectory: state)
        try one.add([sighting(count: 4, at: 100)])
        try two.add([sighting(count: 5, at: 300)])
        let all = try SightingLog.read(stateDirectory: state)
        #expect(all.map(\.signature) == ["f", "g", "f"] && all.map(\.kind) == [.crash, .crash, .leak])
        #expect(all[0].count == 12)
        #expect(all[0].firstSeen.timeIntervalSince1970 == 100 && all[0].lastSeen.timeIntervalSince1970 == 300)
    }

    @Test func aFileThatIsNoLogIsAnErrorAndStays() throws {
        let file = directory.path + "/sightings.sqlite"
        try Data("not a database, but long enough to be looked at as one".utf8).write(to: URL(fileURLWithPath: file))
        #expect(throws: StorageError.self) { try SightingLog(stateDirectory: directory.path) }
        #expect(throws: StorageError.self) { try SightingLog.read(stateDirectory: directory.path) }
        #expect(try directory.read("sightings.sqlite").starts(with: Array("not a".utf8)))
    }

    @Test func recentInputsAreBounded() throws {
        var recent = RecentInputs(reset: "none")
        for number in 0..<5000 { recent.append([UInt8(truncatingIfNeeded: number), UInt8(number >> 8)]) }
        let read = try #require(RecentInputs(decoding: recent.encoded()))
        #expect(read.inputs.count == RecentInputs.countLimit && read.reset == "none")
        #expect(read.inputs.last == Data([UInt8(truncatingIfNeeded: 4999), UInt8(4999 >> 8)]), "the latest are kept")
        for _ in 0..<10 { recent.append([UInt8](repeating: 1, count: 1 << 20)) }
        let large = try #require(RecentInputs(decoding: recent.encoded()))
        #expect(large.inputs.reduce(0) { $0 + $1.count } <= RecentInputs.bytesLimit && large.inputs.count == 4)
        recent.removeAll()
        #expect(try #require(RecentInputs(decoding: recent.encoded())).inputs.isEmpty)
        let bytes = large.encoded()
        for count in [0, 1, bytes.count / 2] { #expect(RecentInputs(decoding: Array(bytes.prefix(count))) == nil) }
    }

    @Test func aFolderTellsWhatIsWrongAndChangesNothing() throws {
        let store = ArtifactStore(directory: path)
        try store.prepare()
        try store.save([1, 2, 3], record: record(size: 3))
        try store.save([4], record: record(size: 1))
        let whole = ArtifactStore.name(kind: .crash, input: [1, 2, 3])
        let damaged = ArtifactStore.name(kind: .crash, input: [4])
        let bare = ArtifactStore.name(kind: .timeout, input: [5])
        try Data("{\"kind\":".utf8).write(to: URL(fileURLWithPath: path + "/" + damaged + ".json"))
        try Data([6]).write(to: URL(fileURLWithPath: path + "/" + bare))
        try Data([7]).write(to: URL(fileURLWithPath: path + "/notes.txt"))
        let before = directory.files()
        let (entries, unreadable) = try ArtifactFolder(path: path).entries()
        #expect(unreadable.isEmpty && Set(entries.map(\.name)) == [whole, damaged, bare])
        for entry in entries {
            switch entry.name {
            case whole: #expect(entry.problem == nil && entry.isWhole && entry.record?.size == 3 && entry.input == [1, 2, 3])
            case damaged: #expect(entry.problem == .damaged && entry.isWhole && entry.record == nil)
            default: #expect(entry.problem == .missing && !entry.isWhole && entry.kind == .timeout)
            }
        }
        #expect(directory.files() == before)
        #expect(throws: StorageError.self) { try ArtifactFolder(path: directory.path + "/nowhere").entries() }
    }

    @Test func notesAreWrittenWholeBesideTheirArtifact() throws {
        var folder = ArtifactFolder(path: path)
        let input: [UInt8] = [9]
        let name = ArtifactStore.name(kind: .crash, input: input)
        let entry = ArtifactFolder.Entry(
            name: name, path: path + "/" + name, input: input, record: record(size: 1), problem: nil, isWhole: true)
        try folder.save(entry, notes: [(".triage.json", [1])])
        try folder.write([2], beside: name, suffix: ".triage.json")
        #expect(folder.note(name, suffix: ".triage.json") == [2])
        #expect(folder.note(name, suffix: ".none") == nil)
        #expect(try folder.entries().entries == [entry])
        #expect(!directory.files().contains { $0.contains("tmp-") })
    }

    @Test func theSmallestInputOfAFailureIsKept() throws {
        var smaller = SmallerInputs(artifactDirectory: path)
        #expect(smaller.input(kind: .crash, signature: "f") == nil)
        try smaller.write([1, 2], kind: .crash, signature: "f")
        try smaller.write([1], kind: .crash, signature: "f")
        try smaller.write([3], kind: .leak, signature: "f")
        #expect(smaller.input(kind: .crash, signature: "f") == [1])
        #expect(smaller.input(kind: .leak, signature: "f") == [3])
        #expect(try ArtifactStore(directory: path).prepare().isEmpty, "they are no artifacts yet")
    }
}
