import CForkServerABI
import CTargetRuntime

/// How the machine parent and its children use the processors: each way is tried now and then, and the fastest kept.
///
/// Parent and child take turns, so a second processor gains nothing by itself, and a child whose threads have been on two pays an
/// interrupt between them for each page that it writes to first. So it is with a snapshot's runner and its threads, which it
/// holds still after each input, and with a runner that reboots, whose threads wait for each other then. A second processor that
/// nobody needs gains much where the next child is forked on it while one runs (`ForkAhead`). But where others compete
/// for the processors, whoever may use all of them gets more. Owned by the machine parent of one worker under `fork`, by a runner
/// with threads under the other strategies; `FUZZD_NO_AFFINITY` in the environment leaves the processors alone.
struct Placement {
    private enum Way {
        case all
        case one
        /// One for the machine parent, which forks ahead, and the others for the children.
        case ahead
    }
    private static var trialNanoseconds: UInt64 { 50_000_000 }
    private static var shortestNanoseconds: UInt64 { 1_000_000_000 }
    /// Where the same way has won again and again.
    private static var longestNanoseconds: UInt64 { 4_000_000_000 }
    private static var fewestInputs: UInt64 { 8 }

    private let canShare: Bool
    private let ahead: ForkAheadChoice
    private var way = Way.all
    private var isTrying = true
    private var settledNanoseconds = Placement.shortestNanoseconds
    private var settledWay = Way.all
    private var inputs: UInt64 = 0
    private var nanoseconds: UInt64 = 0
    /// Of an input, as measured last.
    private var costs: (all: UInt64, one: UInt64, ahead: UInt64) = (0, 0, 0)

    /// Parent and child share a processor for now.
    var isOnOne: Bool { way == .one }
    var forksAhead: Bool { way == .ahead }

    init(ahead: ForkAheadChoice = .never) {
        canShare = fuzzd_read_processors() > 1 && ahead != .always
        self.ahead = ahead
        if ahead == .always, fuzzd_read_processors() > 1 { _ = use(.ahead) } else if ahead == .always { way = .ahead }
    }

    /// Called after each input with the time it took, without waiting for the daemon; whether the processors changed.
    @discardableResult
    mutating func endInput(nanoseconds spent: UInt64) -> Bool {
        guard canShare else { return false }
        inputs &+= 1
        nanoseconds &+= spent
        guard nanoseconds >= (isTrying ? Self.trialNanoseconds : settledNanoseconds), inputs >= Self.fewestInputs else {
            return false
        }
        let cost = nanoseconds / inputs
        inputs = 0
        nanoseconds = 0
        guard isTrying else {
            isTrying = true
            return use(.all)
        }
        switch way {
        case .all:
            costs.all = cost
            return use(.one)
        case .one:
            costs.one = cost
            if ahead == .whereFaster { return use(.ahead) }
        case .ahead: costs.ahead = cost
        }
        return settle()
    }

    private mutating func settle() -> Bool {
        // What is not clearly faster may be chance, and leaves the kernel less room, or takes a processor from others.
        var best = Way.all
        if costs.one &+ costs.one / 32 <= costs.all { best = .one }
        if ahead == .whereFaster, costs.ahead &+ costs.ahead / 16 <= min(costs.all, costs.one) { best = .ahead }
        settledNanoseconds =
            best == settledWay ? min(settledNanoseconds &* 2, Self.longestNanoseconds) : Self.shortestNanoseconds
        settledWay = best
        isTrying = false
        return use(best)
    }

    private mutating func use(_ next: Way) -> Bool {
        guard next != way else { return false }
        way = next
        if way == .all { fuzzd_use_all_processors() } else { fuzzd_use_this_processor() }
        return true
    }
}

/// Whether children are forked ahead.
enum ForkAheadChoice {
    case never
    case always
    /// Where it is measured to be faster.
    case whereFaster

    /// What the daemon wishes, as far as it can be had. A processor that no machine parent needs for its own child is this worker's
    /// if there is one for each worker before it too.
    init(_ settings: fuzzd_settings, _ ahead: ForkAhead?, workers: Int, worker: Int) {
        if ahead == nil {
            self = .never
        } else if settings.fork_ahead == FUZZD_FORK_AHEAD_ON.rawValue {
            self = .always
        } else {
            self = worker < Int(fuzzd_read_processors()) - workers ? .whereFaster : .never
        }
    }
}
