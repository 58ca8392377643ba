/// The guest's time. It stands still unless qtest or a harness steps it. Owned by `Machine`.
package final class VirtualClock {
    /// An alarm of a device. Created once, armed as often as needed.
    package final class Timer {
        /// nil: not armed.
        package fileprivate(set) var deadlineNanoseconds: Int64?
        fileprivate let handler: () -> Void
        fileprivate init(handler: @escaping () -> Void) {
            self.handler = handler
        }

        /// A deadline that has passed runs at the next step, not at once.
        package func arm(atNanoseconds deadline: Int64) { deadlineNanoseconds = max(0, deadline) }
        package func cancel() { deadlineNanoseconds = nil }
    }

    /// Alarms that one step runs at most. A guest can make a period shorter than the step by nine orders of
    /// magnitude; beyond the limit time jumps to the step's end.
    package static let maximumAlarmsPerStep = 10_000

    package private(set) var nowNanoseconds: Int64 = 0
    private var timers: [Timer] = []

    package init() {}

    /// The handler runs at the deadline with the timer disarmed; it may arm it again.
    package func makeTimer(_ handler: @escaping () -> Void) -> Timer {
        let timer = Timer(handler: handler)
        timers.append(timer)
        return timer
    }

    package var nextDeadlineNanoseconds: Int64? {
        var best: Int64?
        for timer in timers {
            if let deadline = timer.deadlineNanoseconds, best.map({ deadline < $0 }) ?? true {
                best = deadline
            }
        }
        return best
    }

    /// To the next deadline; without one time stands still. Returns the new time.
    @discardableResult
    package func stepToNextDeadline() -> Int64 {
        set(toNanoseconds: nextDeadlineNanoseconds ?? nowNanoseconds)
    }

    @discardableResult
    package func step(byNanoseconds duration: Int64) -> Int64 {
        let (sum, overflow) = nowNanoseconds.addingReportingOverflow(max(0, duration))
        return set(toNanoseconds: overflow ? .max : sum)
    }

    /// Time never goes back: an earlier time only runs what is due.
    @discardableResult
    package func set(toNanoseconds target: Int64) -> Int64 {
        var remaining = Self.maximumAlarmsPerStep
        while remaining > 0, let timer = earliestTimer(), let deadline = timer.deadlineNanoseconds,
            deadline <= max(target, nowNanoseconds)
        {
            remaining -= 1
            nowNanoseconds = max(nowNanoseconds, deadline)
            timer.deadlineNanoseconds = nil
            timer.handler()
        }
        nowNanoseconds = max(nowNanoseconds, target)
        return nowNanoseconds
    }

    // Ten timers at most: a scan touches less memory than a heap would.
    private func earliestTimer() -> Timer? {
        var best: Timer?
        var bestDeadline = Int64.max
        for timer in timers {
            guard let deadline = timer.deadlineNanoseconds else { continue }
            if best == nil || deadline < bestDeadline {
                best = timer
                bestDeadline = deadline
            }
        }
        return best
    }
}
