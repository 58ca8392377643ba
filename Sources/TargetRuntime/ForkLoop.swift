import CForkServerABI
import CTargetRuntime

/// What a machine parent does for one input after the other under `fork`, and all that changes meanwhile.
///
/// It lies at the beginning of a page of the stack: of each page that was written to since the last fork, parent and child make a copy. Its
/// parts are handed on by reference for the same reason: copies of them would not leave room for what is called.
struct ForkLoop {
    private var serving: ForkServer.Serving
    private var ahead: ForkAhead?
    private var pages: PagesAhead?
    private var placement: Placement
    /// Its verdict is not published yet: that is done while the next child runs.
    private var last: ForkServer.ForkedInput?
    private var sequence: UInt64
    private var hasPassed = true
    /// When the last input was over.
    private var ended = monotonicNanoseconds()

    /// Gets everything ready that serving needs and children inherit.
    @inline(never)
    init(_ server: ForkServer, _ serving: ForkServer.Serving) {
        self.serving = serving
        sequence = serving.file.verdictsPublished
        fuzzd_prepare_lean_fork()
        fuzzd_begin_faults_if_wanted(FUZZD_FAULTS_AHEAD_START)
        ahead = ForkAhead(serving)
        fuzzd_end_faults_if_wanted(FUZZD_FAULTS_AHEAD_START)
        if serving.file.settings.compacts_parent_memory != 0 { serving.file.collapse() }
        // What was set for serving stays, where it lies on a page of counters.
        serving.coverage.pages.rememberNeighbours()
        server.keepFromChildren(serving)
        placement = Placement(
            ahead: ForkAheadChoice(
                serving.file.settings, ahead, workers: server.handover.workerCount, worker: server.workerIndex))
    }

    /// Where children find what is their own.
    mutating func note(in next: UnsafeMutablePointer<fuzzd_next_child>) { ahead?.note(in: next) }

    @inline(never)
    mutating func runInput(_ server: ForkServer) {
        let slot = serving.file.slot(sequence)
        // Before a child that waits is let go nothing is done that can be done while it runs.
        let isAtOnce = ahead?.waiting != nil && serving.file.hasInput(sequence) && !serving.file.isStopRequested
        if !isAtOnce { publishLast(server, since: monotonicNanoseconds()) }
        slot.pointee.wait_nanoseconds = server.waitForInput(sequence, serving.file) { server.answer($0) }
        if fuzzd_slot_load_is_withdrawn(slot) != 0 || (slot.pointee.needs_pass != 0 && !hasPassed) {
            publishLast(server, since: monotonicNanoseconds())
            server.leaveOut(sequence, slot, serving.file)
            sequence &+= 1
            ended = monotonicNanoseconds()
            return
        }
        fuzzd_begin_faults_if_wanted(FUZZD_FAULTS_AHEAD)
        var input = server.start(sequence, slot, &serving, &ahead)
        publishLast(server, since: nil)
        if placement.forksAhead, input.child > 0 { server.forkNext(besides: input, &serving, &ahead, &pages) }
        server.end(&input, &serving, &ahead, sharesProcessor: placement.isOnOne)
        if input.isSample { pages?.endSample() }
        if placement.forksAhead, pages == nil, ahead?.takesPages() == true { pages = PagesAhead() }
        fuzzd_end_faults_if_wanted(FUZZD_FAULTS_AHEAD)
        // All that an input costs but the wait for it, whoever does it meanwhile.
        let now = monotonicNanoseconds()
        placement.endInput(nanoseconds: now &- ended &- slot.pointee.wait_nanoseconds)
        ended = now
        hasPassed = slot.pointee.outcome <= FUZZD_OUTCOME_REJECTED.rawValue
        last = input
        sequence &+= 1
    }

    /// `since`: nothing runs meanwhile, so that time is part of that input's.
    @inline(never)
    private mutating func publishLast(_ server: ForkServer, since: UInt64?) {
        guard let ended = last else { return }
        server.publish(ended, &serving, ahead, since: since)
        last = nil
    }
}
