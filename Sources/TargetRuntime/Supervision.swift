import CForkServerABI
import CTargetRuntime

/// Why the machine parent ended a child, or that the child ended by itself.
enum ChildEnd {
    case itself
    case inputTimeout
    case operationTimeout
    case outOfMemory
    case tooManyProcesses
    /// It could not be watched, so it was killed at once; says nothing about the input.
    case unwatched
}

/// Watches one child (or runner) from the machine parent: pidfd and poll, the two timers, memory and process
/// limits, and the output pipe.
///
/// Timers are read from `fuzzd_live`: the input's start time and its count of operations. The operation timer is
/// sampled a few times per limit, so that an operation costs the child one increment and no clock call.
struct Supervision {
    let child: pid_t
    let childDescriptor: Int32
    let controlSocket: Int32
    let settings: fuzzd_settings
    let live: UnsafeMutablePointer<fuzzd_live>

    private var outputSequence: UInt64
    private var watchedInputStart: UInt64 = 0
    private var operationsSeen: UInt64 = 0
    private var operationsChangedAt: UInt64 = 0
    private var resourceCheckAt: UInt64 = 0
    private var resourceCheckInterval: UInt64 = 2_000_000

    init(
        child: pid_t, childDescriptor: Int32, controlSocket: Int32, settings: fuzzd_settings,
        live: UnsafeMutablePointer<fuzzd_live>
    ) {
        self.child = child
        self.childDescriptor = childDescriptor
        self.controlSocket = controlSocket
        self.settings = settings
        self.live = live
        outputSequence = fuzzd_live_load_sequence(live)
    }

    /// Returns once the child is dead (not yet reaped). Kills it when a limit is passed; ends this process, and
    /// the child with it, when the daemon is gone.
    mutating func waitForEnd(output: inout ChildOutput, timer: inout WatchTimer, file: WorkerFile) -> ChildEnd {
        var end = ChildEnd.itself
        while true {
            let now = monotonicNanoseconds()
            if end == .itself {
                end = limitPassed(now)
                if end != .itself { killChild() }
            }
            var polled = (
                pollfd(fd: childDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: output.readEnd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: controlSocket, events: 0, revents: 0),
                pollfd(fd: timer.descriptor, events: Int16(POLLIN), revents: 0)
            )
            if end == .itself { timer.wake(by: nextLook(now), now: now) }
            _ = withUnsafeMutablePointer(to: &polled) {
                $0.withMemoryRebound(to: pollfd.self, capacity: 4) {
                    fuzzd_ppoll($0, end == .itself ? 4 : 3, -1)
                }
            }
            if polled.2.revents != 0 { endEverything() }
            if polled.1.revents != 0 {
                let sequence = fuzzd_live_load_sequence(live)
                if sequence != outputSequence {
                    // A runner went on to another input meanwhile.
                    outputSequence = sequence
                    output.beginInput()
                }
                output.drain(into: file.output(sequence), limit: Int(settings.output_limit_bytes))
            }
            if polled.0.revents != 0 { return end }
        }
    }

    private mutating func limitPassed(_ now: UInt64) -> ChildEnd {
        let started = fuzzd_live_load_input_started_nanoseconds(live)
        if started != watchedInputStart {
            watchedInputStart = started
            operationsSeen = 0
            operationsChangedAt = started
            resourceCheckInterval = 2_000_000
            resourceCheckAt = now &+ resourceCheckInterval
        }
        guard started != 0, now >= started else { return .itself }
        if now - started >= settings.input_timeout_microseconds &* 1000 { return .inputTimeout }
        if settings.operation_timeout_microseconds != 0 {
            let operations = fuzzd_live_load_operations(live)
            if operations != operationsSeen {
                operationsSeen = operations
                operationsChangedAt = now
            } else if now - operationsChangedAt >= settings.operation_timeout_microseconds &* 1000 {
                return .operationTimeout
            }
        }
        guard now >= resourceCheckAt else { return .itself }
        resourceCheckInterval = min(resourceCheckInterval &* 2, 20_000_000)
        resourceCheckAt = now &+ resourceCheckInterval
        return resourceLimitPassed()
    }

    private func resourceLimitPassed() -> ChildEnd {
        if settings.memory_limit_bytes != 0, ProcessTree.residentBytes(of: child) > settings.memory_limit_bytes {
            return .outOfMemory
        }
        if ProcessTree.processCount(from: child, limit: Int(settings.process_limit)) > Int(settings.process_limit) {
            return .tooManyProcesses
        }
        return .itself
    }

    /// When to look again, if the child has not ended by then.
    private func nextLook(_ now: UInt64) -> UInt64 {
        let started = watchedInputStart
        // A runner between two inputs: nothing to time, but an input may start at any moment.
        guard started != 0 else { return now &+ 10_000_000 }
        var next = started &+ settings.input_timeout_microseconds &* 1000
        if settings.operation_timeout_microseconds != 0 {
            next = min(next, now &+ settings.operation_timeout_microseconds &* 250)
        }
        return min(next, resourceCheckAt)
    }

    private func killChild() {
        kill(-child, SIGKILL)
        kill(child, SIGKILL)
    }

    /// The daemon is gone: nobody will read another verdict.
    private func endEverything() -> Never {
        killChild()
        ProcessTree.endDescendants()
        _exit(0)
    }
}
