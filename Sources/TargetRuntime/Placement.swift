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
    /// What inputs cost under one way, since the trial began.
    private struct Spent {
        var nanoseconds: UInt64 = 0
        var inputs: UInt64 = 0
        var mean: UInt64 { inputs > 0 ? nanoseconds / inputs : .max }
    }
    /// Ways take turns in short slices: inputs differ, and each way shall meet the same ones.
    private static var sliceNanoseconds: UInt64 { 5_000_000 }
    private static var fewestInputsOfSlice: UInt64 { 2 }
    private static var trialNanoseconds: UInt64 { 150_000_000 }
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
    /// Of this slice, or since a way was settled on.
    private var current = Spent()
    private var trial: (all: Spent, one: Spent, ahead: Spent) = (Spent(), Spent(), Spent())
    /// The first input of a slice pays for the change.
    private var hasChanged = false

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
        if hasChanged {
            hasChanged = false
            return false
        }
        current.inputs &+= 1
        current.nanoseconds &+= spent
        if isTrying {
            guard current.nanoseconds >= Self.sliceNanoseconds, current.inputs >= Self.fewestInputsOfSlice else { return false }
            return endSlice()
        }
        guard current.nanoseconds >= settledNanoseconds, current.inputs >= Self.fewestInputs else { return false }
        isTrying = true
        trial = (Spent(), Spent(), Spent())
        return use(.all)
    }

    private mutating func endSlice() -> Bool {
        switch way {
        case .all:
            Self.add(current, to: &trial.all)
            return use(.one)
        case .one:
            Self.add(current, to: &trial.one)
            if ahead == .whereFaster { return use(.ahead) }
        case .ahead: Self.add(current, to: &trial.ahead)
        }
        // All have had a turn.
        let total = trial.all.nanoseconds &+ trial.one.nanoseconds &+ trial.ahead.nanoseconds
        return total >= Self.trialNanoseconds ? settle() : use(.all)
    }

    private static func add(_ slice: Spent, to sum: inout Spent) {
        sum.nanoseconds &+= slice.nanoseconds
        sum.inputs &+= slice.inputs
    }

    private mutating func settle() -> Bool {
        // What is not clearly faster may be chance, and leaves the kernel less room, or takes a processor from others.
        var best = Way.all
        let (all, one, ahead) = (trial.all.mean, trial.one.mean, trial.ahead.mean)
        if one &+ one / 32 <= all { best = .one }
        if self.ahead == .whereFaster, ahead &+ ahead / 16 <= min(all, one) { best = .ahead }
        settledNanoseconds =
            best == settledWay ? min(settledNanoseconds &* 2, Self.longestNanoseconds) : Self.shortestNanoseconds
        settledWay = best
        isTrying = false
        return use(best)
    }

    private mutating func use(_ next: Way) -> Bool {
        current = Spent()
        guard next != way else { return false }
        way = next
        hasChanged = true
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
