import Foundation
import ForkServer
import Fuzzing
import Storage

// What the campaign tells of itself.
extension Campaign {
    private static let tickSeconds = 0.25

    /// Adds one verdict to the totals: those of this start, and those that outlive it.
    func count(_ verdict: Verdict) {
        status.time.forkNanoseconds += verdict.timing.forkNanoseconds
        status.time.childNanoseconds += verdict.timing.childNanoseconds
        status.time.reapingNanoseconds += verdict.timing.reapNanoseconds
        status.time.handOverNanoseconds += verdict.timing.handOverNanoseconds
        if verdict.outputBytesTotal > UInt64(verdict.output.count) { status.childrenKilled.outputDropped += 1 }
        counters?.add(1, to: .executions)
        counters?.add(verdict.operations, to: .operations)
        switch verdict.kind {
        case .passed, .rejected, .forkFailed: break
        case .signalled where verdict.signal == SIGXFSZ: status.childrenKilled.fileSize += 1
        case .signalled, .sanitizer, .leaked:
            status.childrenKilled.crashed += 1
            counters?.add(1, to: .crashes)
        case .exited: status.childrenKilled.exitedEarly += 1
        case .inputTimeout:
            status.childrenKilled.inputTimeout += 1
            counters?.add(1, to: .timeouts)
        case .operationTimeout:
            status.childrenKilled.operationTimeout += 1
            counters?.add(1, to: .timeouts)
        case .outOfMemory, .mallocLimit:
            status.childrenKilled.memory += 1
            counters?.add(1, to: .outOfMemory)
        case .tooManyProcesses:
            status.childrenKilled.processes += 1
            counters?.add(1, to: .killedOther)
        }
    }

    func tickIfDue() {
        let now = CampaignClock.now()
        guard now - lastTick >= Self.tickSeconds else { return }
        let isNewSecond = Int(now) != Int(lastTick)
        lastTick = now
        executionRate.add(count: fuzzer.counters.executions, atSeconds: clock.elapsedSeconds)
        operationRate.add(count: fuzzer.counters.operations, atSeconds: clock.elapsedSeconds)
        noteAbandonedSnapshot()
        noteResetDifference()
        noteFaultLogRefusal()
        updateStatus()
        display.tick(status)
        control.publish(status)
        guard isNewSecond else { return }
        retryPendingWrites()
        reloadIfDue()
        saveSample()
        saveSightings()
    }

    /// What the user should know of the target before the first input.
    func warnOfTarget() {
        if let dropped = server.modules?.droppedModuleCount, dropped > 0 {
            display.event(
                .warning("\(dropped) instrumented modules are not measured; at most \(ModuleTable.maximumCount) are"),
                status: status)
        }
        guard let refusal = server.snapshotRefusal else { return }
        let cause =
            refusal == ENOTSUP
            ? "the target has the shadow memory of a sanitizer"
            : "\(String(cString: strerror(refusal))); it needs Linux 6.7 or later and userfaultfd"
        display.event(.warning("no snapshot: \(cause); inputs run under fork"), status: status)
    }

    private func noteAbandonedSnapshot() {
        guard status.resetStrategy == ResetStrategy.snapshot.rawValue, let cause = server.snapshotAbandonment else { return }
        status.resetStrategy = ResetStrategy.fork.rawValue
        display.event(.warning("no snapshot: \(cause); inputs run under fork"), status: status)
    }

    func updateStatus() {
        let counted = fuzzer.counters
        let elapsed = clock.elapsedSeconds
        status.elapsedSeconds = elapsed
        status.executions = counted.executions
        status.operations = counted.operations
        status.averageExecutionsPerSecond = elapsed > 0 ? Double(counted.executions) / elapsed : 0
        status.executionsPerSecond = executionRate.perSecond > 0 ? executionRate.perSecond : status.averageExecutionsPerSecond
        status.operationsPerSecond =
            operationRate.perSecond > 0 ? operationRate.perSecond : elapsed > 0 ? Double(counted.operations) / elapsed : 0
        status.edgesCovered = counted.edgesCovered
        status.features = counted.features
        status.corpusCount = counted.corpusCount
        status.corpusBytes = counted.corpusBytes
        status.lengthLimitBytes = counted.lengthLimit
        status.residentMebibytes = OwnMemory.residentMebibytes
        status.secondsSinceLastFind = lastFindSeconds.map { elapsed - $0 }
        let replaced = replacedBeforeRestart + server.replacedRunners
        status.replacedRunners = replaced.count > 0 ? replaced : nil
        status.resets = ResetCosts(server.resetStatistics)
        let ahead = childrenAheadBeforeRestart + server.inputsOfChildrenAhead
        status.childrenAhead = ahead > 0 ? ahead : nil
        let total = status.time.totalNanoseconds
        status.overhead = total > 0 ? Double(status.time.handOverNanoseconds) / Double(total) : 0
    }

    /// Writes the numbers over time; a failing database never fails a campaign.
    func saveSample() {
        try? history?.add(
            HistorySample(
                elapsedMilliseconds: UInt64(clock.elapsedSeconds * 1000), executions: status.executions,
                operations: status.operations, edges: UInt64(status.edgesCovered), features: UInt64(status.features),
                corpus: UInt64(status.corpusCount), findings: UInt64(status.artifacts.total)), to: historyCampaign)
    }
}
