import CForkServerABI
import CTargetRuntime

/// Wakes the machine parent when it has to look at a child that still runs. Owned by the machine parent of one worker.
///
/// Nearly every child ends before anybody has to look, and programming the processor's timer for each of them, as a timeout of
/// `ppoll` does, costs more than the rest of the wait. So one that is still set from an earlier child stays: it wakes too early,
/// and is set again then.
struct WatchTimer {
    let descriptor: Int32
    /// `CLOCK_MONOTONIC`; what is in the past has fired.
    private var setFor: UInt64 = 0

    init() throws(RuntimeError) {
        descriptor = fuzzd_move_descriptor(fuzzd_timer(), Descriptors.firstOwn)
        guard descriptor >= 0 else { throw .failed(FUZZD_STEP_LIMITS, errno: fuzzd_errno()) }
    }

    /// Wakes at `time` or before it, but later than `now`.
    mutating func wake(by time: UInt64, now: UInt64) {
        if setFor > now, setFor <= time { return }
        setFor = max(time, now &+ 1)
        fuzzd_set_timer(descriptor, setFor)
    }
}
