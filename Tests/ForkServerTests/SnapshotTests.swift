import ForkServer
import Fuzzing
import Glibc
import Testing

/// One kind of state that outlives an input where nothing puts it back; the letter is the puzzle target's.
private let keptState: [(letter: String, place: String)] = [
    ("g", "a global variable"), ("l", "thread-local storage"), ("h", "memory on the heap"), ("a", "freed memory"),
    ("s", "the stack below"), ("e", "the environment"), ("m", "a new mapping"), ("u", "a mapping that went away"),
    ("p", "a page's protection"), ("b", "the break"), ("M", "a large allocation"), ("o", "an opened descriptor"),
    ("c", "a closed descriptor"), ("H", "a signal handler"), ("k", "the signal mask"), ("P", "a pending signal"),
    ("i", "a timer"), ("w", "the umask"), ("d", "the working directory"), ("T", "a thread"), ("C", "a child process"),
]

@Suite("Snapshot: an input sees no trace of the one before", .serialized)
struct SnapshotTests {
    private static func session() throws -> TargetSession {
        try TargetSession { $0.strategy = .snapshot }
    }

    @Test func theKernelHereCanDoIt() throws {
        #expect(try Self.session().server.snapshotRefusal == nil, "these tests would test fork")
    }

    @Test(arguments: keptState.map(\.letter))
    func stateIsNotKept(letter: String) throws {
        let fork = try TargetSession()
        let snapshot = try Self.session()
        // More inputs than it takes to learn which pages are written to most.
        for turn in 0..<60 {
            let reference = try fork.run("k" + letter).verdict
            let verdict = try snapshot.run("k" + letter).verdict
            #expect(reference.kind == .passed, "fork, turn \(turn)")
            try #require(verdict.kind == .passed, "snapshot, turn \(turn): \(verdict.signal)")
        }
    }

    @Test func theSameStateIsKeptWithoutAReset() throws {
        for (letter, place) in keptState where !"MaPTC".contains(letter) {
            let session = try TargetSession { $0.strategy = .none }
            #expect(try session.run("k" + letter).verdict.kind == .passed, "\(place)")
            #expect(try session.run("k" + letter).verdict.signal == SIGABRT, "\(place): the puzzle finds its trace")
        }
    }

    @Test func coverageIsThatUnderFork() throws {
        let fork = try TargetSession()
        let snapshot = try Self.session()
        let inputs = ["x", "c", "ca", "cas", "kg", "kh", "ko", "n", "R", "x", "kT", "kg", "A", "cash", "kg"]
        for input in inputs + inputs.reversed() + inputs {
            let expected = try fork.run(input)
            let actual = try snapshot.run(input)
            #expect(actual.verdict.kind == expected.verdict.kind, "\(input)")
            #expect(actual.counters == expected.counters, "\(input)")
        }
    }

    @Test func neighboursOfTheCountersDoNotLeak() throws {
        let session = try Self.session()
        for _ in 0..<10 { #expect(try session.run("n").verdict.kind == .passed) }
    }

    @Test func runnersGoOnWhereAllCanBeUndone() throws {
        let session = try Self.session()
        for letter in ["g", "h", "m", "b", "M", "o", "k", "s", "e"] {
            for _ in 0..<5 { _ = try session.run("k" + letter) }
        }
        #expect(session.server.replacedRunners == ReplacedRunners())
        _ = try session.run("kc")
        _ = try session.run("x")
        #expect(session.server.replacedRunners.count == 1)
        #expect(session.server.replacedRunners.causes == ["descriptors"])
    }
}
