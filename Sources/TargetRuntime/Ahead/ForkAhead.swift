import CForkServerABI
import CTargetRuntime

/// A child that is forked while the one before it runs, on another processor, and waits for its input.
///
/// Whatever the running child does, the machine parent is as it was when it forks: of what both share, the counters and the
/// pages that they lie on are there twice (`CounterSets`), and files are put back before the gate is opened. Owned by the machine
/// parent of one worker.
struct ForkAhead {
    struct Waiting {
        var process: pid_t
        /// Of the counters that it uses, and of its gate.
        var set: Int
        /// It says at its end which pages it has.
        var isSample: Bool
    }

    private let gates: UnsafeMutablePointer<fuzzd_gate>
    /// Where a child finds what is its own.
    private var next: UnsafeMutablePointer<fuzzd_next_child>?
    private let children: ChildList
    private let hasThreads: Bool
    /// Nobody is waited for where he can only run afterwards.
    private let hasProcessors: Bool
    private(set) var sets: CounterSets
    private(set) var waiting: Waiting?
    private var hasTakenPages = false
    /// The waiting child has its processor.
    private var isPlaced = false
    /// Of the last fork.
    private var forkNanoseconds: UInt64 = 0
    /// The last input was over soon after the next child had been forked.
    private(set) var expectsShort: Bool
    private static var patienceNanoseconds: UInt64 { 50_000 }

    /// `nil` where children cannot be forked ahead: source coverage adds up in one set of counters.
    init?(_ serving: ForkServer.Serving) {
        let settings = serving.file.settings
        guard settings.fork_ahead != FUZZD_FORK_AHEAD_OFF.rawValue, settings.collects_profile == 0,
            let memory = fuzzd_map_apart(Int(FUZZD_PAGE_BYTES), MAP_SHARED | MAP_ANONYMOUS, -1), memory != mapFailed,
            let children = ChildList.open()
        else { return nil }
        gates = memory.assumingMemoryBound(to: fuzzd_gate.self)
        self.children = children
        hasThreads = serving.modules.pointee.thread_count > 0
        hasProcessors = fuzzd_read_processors() > 1
        expectsShort = hasProcessors
        sets = CounterSets(serving.file, serving.coverage.pages)
    }

    func gate(_ set: Int) -> UnsafeMutablePointer<fuzzd_gate> { gates.advanced(by: set) }

    /// Gets the counters ready for a child that is forked while the one with set `running` runs; its gate is closed. False when the
    /// kernel refuses: then no child can be forked now.
    mutating func prepare(besides running: Int) -> Bool {
        guard sets.use(1 - running) else { return false }
        fuzzd_close_gate(gate(sets.current))
        note(gate(sets.current))
        return true
    }

    mutating func use(_ set: Int) -> Bool { sets.use(set) }

    /// The child that is forked next has its input already; it counts in the set that this returns.
    func prepareAtOnce() -> Int {
        note(nil)
        return sets.current
    }

    mutating func note(in next: UnsafeMutablePointer<fuzzd_next_child>) {
        self.next = next
        fuzzd_set_next_child(next)
    }

    private func note(_ gate: UnsafeMutablePointer<fuzzd_gate>?) {
        next?.pointee.gate = gate
        next?.pointee.counter_distance = UInt64(sets.distance(of: sets.current))
    }

    /// A short input is over when the next child is there: that one is given its processor at once, and gets ready there without
    /// having to be woken. Behind a longer one it gets ready on the machine parent's, which has nothing to do until then.
    mutating func keep(_ process: pid_t, isSample: Bool, forkNanoseconds: UInt64) {
        self.forkNanoseconds = forkNanoseconds
        waiting = Waiting(process: process, set: sets.current, isSample: isSample)
        isPlaced = expectsShort
        if isPlaced { fuzzd_use_other_processors(process, 0) }
    }

    /// Whether that child has ended, or does in a moment, so that it need not be watched.
    func isOver(_ child: pid_t) -> Bool {
        fuzzd_ends_soon(child, expectsShort ? Self.patienceNanoseconds : 0) != 0 || fuzzd_run_child_first(child) != 0
    }

    /// Whether there is time to copy pages; true but once, as what it needs is costly to have.
    mutating func takesPages() -> Bool {
        defer { hasTakenPages = hasTakenPages || !expectsShort }
        return !expectsShort && !hasTakenPages
    }

    /// Called at the end of an input that took so long, beside a fork that took so long.
    mutating func endInput(nanoseconds: UInt64) {
        expectsShort = hasProcessors && nanoseconds < forkNanoseconds &+ forkNanoseconds / 2 &+ Self.patienceNanoseconds
    }

    mutating func take() -> Waiting? {
        defer { waiting = nil }
        return waiting
    }

    /// The child before the waiting one has ended: that one gets its processor, and had better be awake soon. Until then it shared
    /// the machine parent's, which had nothing to do.
    func approach() {
        guard let waiting else { return }
        defer { fuzzd_approach_gate(gate(waiting.set)) }
        guard !isPlaced else { return }
        // A fork handler may have started threads again. Were they left behind, each page that the child copies would cost an interrupt.
        fuzzd_use_other_processors(waiting.process, hasThreads ? 1 : 0)
    }

    /// Ends and reaps whatever the last child left behind, and leaves the waiting one alone; whether there was anything.
    func endDescendants() -> Bool {
        guard let waiting else { return ProcessTree.endDescendants() }
        return children.isOnly(waiting.process) ? false : ProcessTree.endDescendants(sparing: waiting.process)
    }
}
