import ForkServer
import Fuzzing
import Glibc
import Testing

/// One kind of state that outlives an input where nothing puts it back; the letter is the puzzle target's.
private struct KeptState: CustomTestStringConvertible {
    var letter: String
    var place: String
    /// Put back in the runner; otherwise the runner is replaced.
    var isUndone = true
    /// The puzzle can see its own trace in the next input of the same process.
    var isSeen = true

    var testDescription: String { place }
}

private let keptState: [KeptState] = [
    .init(letter: "g", place: "a global variable"), .init(letter: "l", place: "thread-local storage"),
    .init(letter: "h", place: "memory on the heap"), .init(letter: "a", place: "freed memory", isSeen: false),
    .init(letter: "s", place: "the stack below"), .init(letter: "e", place: "the environment"),
    .init(letter: "m", place: "a new mapping"), .init(letter: "u", place: "a mapping that went away", isUndone: false),
    .init(letter: "q", place: "the rest of a new mapping"),
    .init(letter: "X", place: "a replaced mapping", isUndone: false),
    .init(letter: "v", place: "a moved mapping", isUndone: false), .init(letter: "p", place: "a page's protection"),
    .init(letter: "b", place: "the break"), .init(letter: "M", place: "a large allocation", isSeen: false),
    .init(letter: "o", place: "an opened descriptor"), .init(letter: "c", place: "a closed descriptor"),
    .init(letter: "r", place: "a replaced descriptor"), .init(letter: "Z", place: "all descriptors closed", isSeen: false),
    .init(letter: "R", place: "a received descriptor"), .init(letter: "f", place: "a descriptor's flag"),
    .init(letter: "n", place: "an open file's flags"), .init(letter: "O", place: "a file's offset"),
    .init(letter: "F", place: "a private file's contents"), .init(letter: "H", place: "a signal handler"),
    .init(letter: "k", place: "the signal mask"), .init(letter: "P", place: "a pending signal", isSeen: false),
    .init(letter: "A", place: "the alternate stack"), .init(letter: "i", place: "an interval timer"),
    .init(letter: "t", place: "a timer"), .init(letter: "y", place: "a timer's descriptor"),
    .init(letter: "w", place: "the umask"), .init(letter: "d", place: "the working directory"),
    .init(letter: "L", place: "a limit"), .init(letter: "N", place: "the name"),
    .init(letter: "C", place: "a child process", isSeen: false), .init(letter: "T", place: "a thread"),
    .init(letter: "B", place: "threads at work"),
]

@Suite("Snapshot: an input sees no trace of the one before", .serialized)
struct SnapshotTests {
    private static func session() throws -> TargetSession {
        try TargetSession { $0.strategy = .snapshot }
    }

    @Test func theKernelHereCanDoIt() throws {
        #expect(try Self.session().server.snapshotRefusal == nil, "these tests would test fork")
    }

    @Test(arguments: keptState)
    fileprivate func stateIsNotKept(_ state: KeptState) throws {
        let fork = try TargetSession()
        let snapshot = try Self.session()
        // More inputs than it takes to learn which pages are written to most.
        for turn in 0..<60 {
            let reference = try fork.run("k" + state.letter).verdict
            let verdict = try snapshot.run("k" + state.letter).verdict
            #expect(reference.kind == .passed, "fork, turn \(turn)")
            try #require(verdict.kind == .passed, "snapshot, turn \(turn): \(verdict.signal)")
        }
    }

    /// Where the kernel allows no log of page faults, written pages are found by a scan.
    @Test(arguments: keptState)
    fileprivate func stateIsNotKeptWithoutALogOfFaults(_ state: KeptState) throws {
        let snapshot = try TargetSession {
            $0.strategy = .snapshot
            $0.environment["FUZZD_NO_FAULT_LOG"] = "1"
        }
        for turn in 0..<60 {
            let verdict = try snapshot.run("k" + state.letter).verdict
            try #require(verdict.kind == .passed, "turn \(turn): \(verdict.signal)")
        }
    }

    @Test func memoryIsScannedOnlyWithoutALogOfFaults() throws {
        let logging = try Self.session()
        let scanning = try TargetSession {
            $0.strategy = .snapshot
            $0.environment["FUZZD_NO_FAULT_LOG"] = "1"
        }
        for session in [logging, scanning] {
            // Memory on the heap: a page that is not protected only once it is hot.
            for _ in 0..<60 { #expect(try session.run("kh").verdict.kind == .passed) }
        }
        // After the first input of a runner the pages are not known, nor where a fault was not the input's own.
        let scans = (logging: logging.server.resetStatistics.scans, scanning: scanning.server.resetStatistics.scans)
        #expect(scans.logging >= 1 && scans.logging <= 3 && scans.scanning > scans.logging, "\(scans)")
    }

    @Test func whatCanBeUndoneIsUndone() throws {
        for state in keptState {
            let session = try Self.session()
            for _ in 0..<10 { _ = try session.run("k" + state.letter) }
            // The runner that is not replaced takes this one.
            _ = try session.run("x")
            #expect(session.server.replacedRunners.count == (state.isUndone ? 0 : 10), "\(state.place)")
        }
    }

    @Test func theSameStateIsKeptWithoutAReset() throws {
        for state in keptState where state.isSeen {
            let session = try TargetSession { $0.strategy = .none }
            #expect(try session.run("k" + state.letter).verdict.kind == .passed, "\(state.place)")
            #expect(
                try session.run("k" + state.letter).verdict.signal == SIGABRT,
                "\(state.place): the puzzle finds its trace")
        }
    }

    @Test func descriptorsThatCannotBeSavedCostTheRunner() throws {
        // A hard limit below the runtime's own descriptors: there is no room for a duplicate.
        let session = try TargetSession {
            $0.strategy = .snapshot
            $0.environment["PUZZLE_AT_START"] = "few-descriptors"
        }
        for _ in 0..<5 { #expect(try session.run("kc").verdict.kind == .passed) }
        for _ in 0..<5 { #expect(try session.run("kg").verdict.kind == .passed) }
    }

    /// A step of the undoing that fails costs the runner, never the truth.
    /// The numbers are those of dup3, munmap, fchdir, rt_sigtimedwait, kill, timer_delete, rt_sigaction, prlimit64 and brk.
    @Test(arguments: [
        ("c", 292), ("m", 11), ("d", 81), ("P", 128), ("C", 62),
        ("t", 226), ("H", 13), ("L", 302), ("b", 12),
    ])
    func aFailedUndoingCostsTheRunner(letter: String, call: Int) throws {
        let session = try TargetSession {
            $0.strategy = .snapshot
            $0.environment["PUZZLE_FAILING_CALL"] = "\(call)"
        }
        for turn in 0..<20 {
            let verdict = try session.run("k" + letter).verdict
            // The input's own calls may have failed as well.
            #expect(verdict.kind == .passed || verdict.kind == .rejected, "turn \(turn): \(verdict.signal)")
            #expect(try session.run("kg").verdict.kind == .passed)
        }
    }

    @Test func inputsThatStartProgramsRunUnderFork() throws {
        let session = try Self.session()
        for _ in 0..<3 {
            #expect(try session.run("P").verdict.kind == .passed)
            #expect(try session.run("kg").verdict.kind == .passed)
        }
        #expect(session.server.replacedRunners.count == 3)
    }

    @Test func processesAreEndedWithTheirInput() throws {
        let session = try Self.session()
        for letter in ["f", "d", "f", "d"] { #expect(try session.run(letter).verdict.kind == .passed) }
        _ = try session.run("x")
        // The runner is left, and nothing else.
        #expect(session.leftovers().count == 1)
        #expect(session.server.replacedRunners.count == 0)
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
}
