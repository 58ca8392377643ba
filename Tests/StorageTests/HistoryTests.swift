import Foundation
import Storage
import Testing

@Suite struct HistoryTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { directory.path + "/history.sqlite" }

    private func campaign(_ name: String = "a", seed: UInt64 = 7) -> HistoryCampaign {
        HistoryCampaign(
            name: name, config: "configs/\(name).yaml", harness: "generic", seed: seed,
            startedAt: Date(timeIntervalSince1970: 1_000))
    }

    private func sample(_ second: UInt64) -> HistorySample {
        HistorySample(
            elapsedMilliseconds: second * 1000, executions: second * 100, operations: second * 5000,
            edges: second * 3, features: second * 4, corpus: second, findings: second / 2)
    }

    @Test func aRestartContinues() throws {
        do {
            let history = try History(path: path)
            let id = try history.open(campaign())
            #expect(try history.lastSample(of: id) == nil)
            for second in [3, 1, 2] as [UInt64] { try history.add(sample(second), to: id) }
        }
        let history = try History(path: path)
        var again = campaign(seed: .max)
        again.startedAt = Date(timeIntervalSince1970: 9_999)
        let id = try history.open(again)
        #expect(try history.lastSample(of: id) == sample(3))
        #expect(try history.samples(of: id) == [sample(1), sample(2), sample(3)])
        again.startedAt = campaign().startedAt
        #expect(try history.campaigns() == [again], "the first start stays, the seed is the newest")
    }

    @Test func campaignsDoNotMix() throws {
        let history = try History(path: path)
        let one = try history.open(campaign("one"))
        let two = try history.open(campaign("two"))
        try history.add(sample(1), to: one)
        #expect(try history.samples(of: two).isEmpty)
        #expect(try history.campaigns().map(\.name) == ["one", "two"])
    }

    @Test func findingsInTheOrderInWhichTheyWereFound() throws {
        let history = try History(path: path)
        let id = try history.open(campaign())
        func finding(_ artifact: String, _ executions: UInt64, _ verified: Bool = false) -> HistoryFinding {
            HistoryFinding(
                kind: .outOfMemory, signature: "s" + artifact, artifact: artifact, executions: executions,
                elapsedMilliseconds: 5, verified: verified)
        }
        try history.add(finding("oom-b", 9), to: id)
        try history.add(finding("oom-c", 4), to: id)
        try history.add(finding("oom-b", 9, true), to: id)
        #expect(try history.findings(of: id) == [finding("oom-c", 4), finding("oom-b", 9, true)])
    }

    @Test func aFileThatIsNoDatabaseIsOneLine() throws {
        try directory.write(Array(repeating: 65, count: 5000), "history.sqlite")
        let error = #expect(throws: StorageError.self) { try History(path: path) }
        #expect(error?.path == path && !"\(error!)".contains("\n") && "\(error!)".contains("not a database"))
        let missing = #expect(throws: StorageError.self) {
            try History(path: directory.path + "/no/history.sqlite")
        }
        #expect("\(missing!)".contains("/no/history.sqlite"))
    }

    @Test func countersStartAtZeroAndStay() throws {
        let file = directory.path + "/counters"
        do {
            let counters = try CounterFile(path: file)
            #expect(CounterFile.Counter.allCases.allSatisfy { counters[$0] == 0 })
            for counter in CounterFile.Counter.allCases { counters[counter] = UInt64(counter.rawValue) + 1 }
            counters.add(41, to: .executions)
        }
        let counters = try CounterFile(path: file)
        #expect(counters[.executions] == 42)
        for counter in CounterFile.Counter.allCases.dropFirst() {
            #expect(counters[counter] == UInt64(counter.rawValue) + 1)
        }
    }

    /// Golden bytes: the format is kept on disk by users.
    @Test func theFormatOfTheCounters() throws {
        let counters = try CounterFile(path: directory.path + "/counters")
        counters[.executions] = 0x0102
        counters[.seed] = 0xff
        let bytes = try directory.read("counters")
        #expect(bytes.count == 4096)
        #expect(Array(bytes[..<16]) == Array("fuzzdcnt".utf8) + [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[64..<66]) == [2, 1])
        #expect(bytes[64 + 13 * 8] == 0xff)
    }

    @Test func aCounterFileOfAnotherKindOrVersionIsRefused() throws {
        try directory.write(Array("something else altogether".utf8), "other")
        try directory.write(Array("fuzzdcnt".utf8) + [2] + [UInt8](repeating: 0, count: 55), "newer")
        try directory.write([], "empty")
        try directory.write([UInt8](repeating: 0, count: 8) + [1], "killed-while-created")
        for (name, text) in [("other", "not a counter file"), ("newer", "format 2")] {
            let error = #expect(throws: StorageError.self) {
                try CounterFile(path: directory.path + "/" + name)
            }
            #expect("\(error!)".contains(text) && error?.step == .counters)
        }
        for name in ["empty", "killed-while-created"] {
            #expect(try CounterFile(path: directory.path + "/" + name)[.executions] == 0)
        }
    }
}
