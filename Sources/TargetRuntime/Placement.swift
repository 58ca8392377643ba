import CForkServerABI
import CTargetRuntime

/// Whether the machine parent and its children stay on one processor: tried both ways now and then, and the faster kept.
///
/// Parent and child take turns, so a second processor gains nothing, and a child whose threads have been on two pays an
/// interrupt between them for each page that it writes to first. So it is with a snapshot's runner and its threads, which it
/// holds still after each input, and with a runner that reboots, whose threads wait for each other then. But where others compete
/// for the processors, whoever may use all of them gets more. Owned by the machine parent of one worker under `fork`, by a runner
/// with threads under the other strategies; `FUZZD_NO_AFFINITY` in the environment switches it off.
struct Placement {
    private enum Phase {
        case tryingAll
        case tryingOne
        case settled
    }
    private static var trialNanoseconds: UInt64 { 50_000_000 }
    private static var settledNanoseconds: UInt64 { 1_000_000_000 }
    private static var fewestInputs: UInt64 { 8 }

    /// Parent and child share a processor for now.
    private(set) var isOnOne = false
    private let hasChoice: Bool
    private var phase = Phase.tryingAll
    private var inputs: UInt64 = 0
    private var nanoseconds: UInt64 = 0
    /// Of an input, while all processors could be used.
    private var costOnAll: UInt64 = 0

    init() {
        hasChoice = fuzzd_read_processors() > 1
    }

    /// Called after each input with the time it took, without waiting for the daemon; whether the processors changed.
    @discardableResult
    mutating func endInput(nanoseconds spent: UInt64) -> Bool {
        guard hasChoice else { return false }
        inputs &+= 1
        nanoseconds &+= spent
        let length = phase == .settled ? Self.settledNanoseconds : Self.trialNanoseconds
        guard nanoseconds >= length, inputs >= Self.fewestInputs else { return false }
        let wasOnOne = isOnOne
        let cost = nanoseconds / inputs
        inputs = 0
        nanoseconds = 0
        switch phase {
        case .tryingAll:
            costOnAll = cost
            fuzzd_use_this_processor()
            isOnOne = true
            phase = .tryingOne
        case .tryingOne:
            // What is not clearly faster may be chance, and leaves the kernel less room.
            if cost &+ cost / 32 > costOnAll { useAll() }
            phase = .settled
        case .settled:
            useAll()
            phase = .tryingAll
        }
        return isOnOne != wasOnOne
    }

    private mutating func useAll() {
        guard isOnOne else { return }
        fuzzd_use_all_processors()
        isOnOne = false
    }
}
