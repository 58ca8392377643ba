import Foundation
import Storage
import Testing

/// SIGKILL at random moments of a loop that writes: what was announced is there and whole.
///
/// The loop runs in a process of its own (an exit test). A kernel timer kills it, so the moment has nothing to do
/// with what the code is doing. Each step is announced, after it returned, by one `write` to a file.
@Suite(.serialized) struct KillTests {
    static let seeds: [UInt64] = Array(1...12)

    @Test(arguments: seeds) func announcedInputsAreWhole(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        let path: String = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [seed = seed as UInt64, path = path as String] in
            try writeCorpusForever(path, seed)
        }
        let announced = try announcements(directory)
        #expect(!announced.isEmpty, "killed before the first write, seed \(seed)")
        let corpus = CorpusDirectory(directories: [path + "/corpus"])
        try corpus.prepare()
        let load = try corpus.load(maxInputBytes: 1 << 20)
        #expect(
            load.files.allSatisfy { $0.path.hasSuffix("/" + $0.name) },
            "a file that is not whole, seed \(seed)")
        let names = Set(load.files.map(\.name))
        // Every second input replaces the one before; the last announced one cannot have been replaced yet, or
        // its replacement is there.
        for (index, name) in announced.enumerated() where index % 2 == 1 {
            #expect(names.contains(name), "announced and lost: number \(index), seed \(seed)")
        }
        let left = directory.files().filter { $0.contains(".fuzzd/tmp-") }
        #expect(left.isEmpty, "temporary files after a restart: \(left)")
    }

    @Test(arguments: seeds) func announcedArtifactsHaveTheirRecords(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        let path: String = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [seed = seed as UInt64, path = path as String] in
            try writeArtifactsForever(path, seed)
        }
        let store = ArtifactStore(directory: path + "/artifacts")
        let stored = try store.prepare()
        for artifact in stored {
            let bytes = try directory.read("artifacts/" + artifact.name)
            #expect(
                ArtifactStore.name(kind: .crash, input: bytes) == artifact.name, "not whole, seed \(seed)")
        }
        let complete = Set(stored.filter { $0.record != nil }.map(\.name))
        #expect(stored.count - complete.count <= 1, "only the one that was being saved may lack its record")
        for name in try announcements(directory) {
            #expect(complete.contains(name), "announced and lost: \(name), seed \(seed)")
        }
    }

    @Test(arguments: seeds) func everythingCountedIsThere(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        let path: String = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [seed = seed as UInt64, path = path as String] in
            try countForever(path, seed)
        }
        let announced = try announcements(directory).compactMap(UInt64.init)
        let last = try #require(announced.last)
        let counters = try CounterFile(path: path + "/counters")
        #expect(counters[.executions] >= last * 100, "seed \(seed)")
        #expect(counters[.executions] <= last * 100 + 100, "seed \(seed)")
        let history = try History(path: path + "/history.sqlite")
        let samples = try history.samples(of: 1)
        #expect(samples.count >= announced.count, "seed \(seed)")
        #expect(samples.map(\.executions) == (1...UInt64(samples.count)).map { $0 * 100 }, "seed \(seed)")
    }
}

private func announcements(_ directory: TemporaryDirectory) throws -> [String] {
    String(decoding: try directory.read("announced"), as: UTF8.self).split(separator: "\n").map(String.init)
}

/// Runs in the process that is killed: its loop, and the timer that ends it.
private struct Victim {
    private let announced: Int32
    var random: TestGenerator

    init(_ path: String, _ seed: UInt64) throws {
        random = TestGenerator(state: seed)
        announced = open(path + "/announced", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(announced >= 0)
    }

    /// The kernel sends SIGKILL after 5 to 60 ms.
    mutating func arm() throws {
        var event = sigevent()
        event.sigev_notify = Int32(SIGEV_SIGNAL)
        event.sigev_signo = SIGKILL
        // The kernel numbers timers from 0, so a valid one may look like nil.
        var timer: timer_t?
        try #require(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
        var when = itimerspec()
        when.it_value.tv_nsec = Int.random(in: 5_000_000...60_000_000, using: &random)
        try #require(timer_settime(timer, 0, &when, nil) == 0)
    }

    func announce(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        precondition(write(announced, bytes, bytes.count) == bytes.count)
    }
}

private func writeCorpusForever(_ path: String, _ seed: UInt64) throws {
    var victim = try Victim(path, seed)
    let corpus = CorpusDirectory(directories: [path + "/corpus"])
    try corpus.prepare()
    victim.announce(try corpus.write([0]))
    victim.announce(try corpus.write([1]))
    try victim.arm()
    while true {
        let first = try corpus.write(victim.random.bytes(.random(in: 1...60_000, using: &victim.random)))
        victim.announce(first)
        victim.announce(
            try corpus.write(
                victim.random.bytes(.random(in: 1...60_000, using: &victim.random)), replacing: first))
    }
}

private func writeArtifactsForever(_ path: String, _ seed: UInt64) throws {
    var victim = try Victim(path, seed)
    let store = ArtifactStore(directory: path + "/artifacts")
    try store.prepare()
    try victim.arm()
    while true {
        let input = victim.random.bytes(.random(in: 1...60_000, using: &victim.random))
        let record = ArtifactRecord(
            kind: .crash, signature: inputName(of: input), size: input.count, harness: "h", config: "c",
            seed: seed,
            reproduce: "r", firstSeen: Date(timeIntervalSince1970: 0), executions: 1)
        try store.save(input, record: record)
        victim.announce(ArtifactStore.name(kind: .crash, input: input))
    }
}

private func countForever(_ path: String, _ seed: UInt64) throws {
    var victim = try Victim(path, seed)
    let counters = try CounterFile(path: path + "/counters")
    let history = try History(path: path + "/history.sqlite")
    let id = try history.open(
        HistoryCampaign(
            name: "a", config: "c", harness: "h", seed: seed, startedAt: Date(timeIntervalSince1970: 0)))
    var round: UInt64 = 0
    func count() throws {
        round += 1
        for _ in 0..<100 { counters.add(1, to: .executions) }
        try history.add(
            HistorySample(
                elapsedMilliseconds: round, executions: round * 100, operations: 0, edges: 0, features: 0,
                corpus: 0,
                findings: 0), to: id)
        victim.announce("\(round)")
    }
    try count()
    try victim.arm()
    while true { try count() }
}
