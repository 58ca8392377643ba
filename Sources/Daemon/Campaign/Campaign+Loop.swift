import Foundation
import ForkServer
import Fuzzing
import Storage

// The loop: keep every worker's slots full, take verdicts in order, carry their events out.
//
// With one worker each request is made after exactly the verdicts that came a full pipeline before it, whatever the
// timing, so the same seed gives the same campaign.
extension Campaign {
    /// Machine parents lost within a minute before the campaign gives up.
    private static let lossLimit = 5
    /// How long a campaign whose time is over waits for a finding's second run.
    private static let settlingSeconds = 5.0

    /// Returns why it ended.
    func loop() throws -> String {
        while true {
            if let reason = reasonToEnd() { return reason }
            try waitWhilePaused()
            for worker in 0..<server.workerCount { fill(worker) }
            if server.totalInFlight == 0 { return endOfWork }
            try takeVerdicts()
            takeReports()
            tickIfDue()
        }
    }

    private var endOfWork: String {
        settings.runs == 0 ? "the corpus was loaded" : "runs limit reached"
    }

    private func reasonToEnd() -> String? {
        if StopSignals.areRaised { return CampaignSummary.interrupted }
        if let reason = reasonToEndByRule() { return reason }
        if control.isStopRequested { return "stopped through the control socket" }
        if let limit = settings.maxTotalTimeSeconds, clock.elapsedSeconds >= Double(limit),
            foundVerdicts.isEmpty || clock.elapsedSeconds >= Double(limit) + Self.settlingSeconds
        {
            return "time limit reached"
        }
        return nil
    }

    private func fill(_ worker: Int) {
        while server.hasRoom(worker: worker), mayRequest {
            let isUrgent = fuzzer.hasUrgentRequests
            let (ticket, request) = fuzzer.nextRequest()
            server.submit(request, to: worker)
            tickets[worker].append(ticket)
            if isLoaded, !isUrgent { submittedAfterLoad += 1 }
        }
    }

    /// Whether another request is within the limits. Failures are run again even at the end.
    private var mayRequest: Bool {
        if fuzzer.hasUrgentRequests { return true }
        guard let runs = settings.runs else { return true }
        if isLoaded, settings.rules.runsIncludeSeeds {
            return fuzzer.executionsSeen + UInt64(fuzzer.inFlightCount) < runs
        }
        if isLoaded { return submittedAfterLoad < runs }
        // Fewer under way than seeds that were not observed: the next request is one of them.
        return fuzzer.inFlightCount < max(fuzzer.outstandingSeedCount, fuzzer.executionsSeen == 0 ? 1 : 0)
    }

    private func takeVerdicts() throws {
        var taken = 0
        for worker in 0..<server.workerCount {
            while take(worker) {
                taken += 1
                if endReason != nil { return }
                // One out, one in: the lag between the two stays what it is.
                fill(worker)
                if taken & 0xFF == 0 { tickIfDue() }
                if StopSignals.areRaised { return }
            }
        }
        guard taken == 0 else { return }
        do throws(ForkServerError) {
            try server.wait(timeoutMilliseconds: 200)
        } catch {
            try recover(from: error)
        }
    }

    private func take(_ worker: Int) -> Bool {
        server.takeVerdict(worker: worker) { _, verdict, counters, comparisons, input in
            let ticket = tickets[worker].removeFirst()
            var verdict = verdict
            if workersAfterPause.remove(worker) != nil { verdict.timing.handOverNanoseconds = 0 }
            count(verdict)
            let outcome = describer?.outcome(of: verdict) ?? .lost
            currentVerdict = verdict
            currentWorker = worker
            let events = fuzzer.observe(
                ticket: ticket,
                Observation(
                    outcome: outcome, counters: counters, comparisons: comparisons,
                    wordComparisons: verdict.wordComparisons, executedInput: input, operations: verdict.operations,
                    durationNanoseconds: verdict.timing.childNanoseconds))
            for event in events { carryOut(event) }
            noteSighting(outcome, of: input)
            for event in events {
                if case .newInput(let input) = event { applyRules(toNew: input.bytes, from: input.origin, counters: counters) }
            }
            if settings.rules.passesOutput, !verdict.output.isEmpty, !outcome.isFinding {
                display.event(.targetOutput(verdict.output), status: status)
            }
            applyRules(
                to: input, nanoseconds: verdict.timing.childNanoseconds, peakKibibytes: verdict.peakResidentKibibytes)
        }
    }

    private func waitWhilePaused() throws {
        guard control.isPauseRequested else { return }
        clock.pause()
        status.state = .paused
        updateStatus()
        display.event(.paused, status: status)
        control.publish(status)
        while control.isPauseRequested, !control.isStopRequested, !StopSignals.areRaised {
            // What is under way still ends by itself; only new inputs wait.
            do throws(ForkServerError) {
                try server.wait(timeoutMilliseconds: 100)
            } catch {
                try recover(from: error)
            }
            for worker in 0..<server.workerCount { while take(worker) {} }
            display.tick(status)
        }
        clock.resume()
        workersAfterPause = Set(0..<server.workerCount)
        status.state = isLoaded ? .fuzzing : .loading
        display.event(.resumed, status: status)
    }

    /// The machine parent is gone: starts a new one and runs again what was under way.
    private func recover(from error: ForkServerError) throws {
        guard error.step == .parentLost else { throw CommandFailure(.targetUnusable, error.description) }
        let now = CampaignClock.now()
        recentLosses = recentLosses.filter { now - $0 < 60 } + [now]
        guard recentLosses.count <= Self.lossLimit else {
            throw CommandFailure(
                .targetUnusable, "\(error.description); lost \(recentLosses.count) times within a minute, giving up")
        }
        for worker in 0..<server.workerCount { while take(worker) {} }
        let lost = tickets.joined()
        replacedBeforeRestart = replacedBeforeRestart + server.replacedRunners
        childrenAheadBeforeRestart += server.inputsOfChildrenAhead
        server.stop()
        for ticket in lost {
            let empty = UnsafeBufferPointer<UInt32>(start: nil, count: 0)
            let events = fuzzer.observe(
                ticket: ticket,
                Observation(
                    outcome: .lost, counters: empty, executedInput: UnsafeBufferPointer<UInt8>(start: nil, count: 0)))
            for event in events { carryOut(event) }
        }
        server = ForkServer(configuration: settings.target)
        try startTarget()
        status.machineParentRestarts += 1
        counters?.add(1, to: .restarts)
        display.event(.restarted(worker: 0, reason: error.description), status: status)
    }
}

extension ForkServer {
    /// Inputs under way in all workers.
    var totalInFlight: Int { (0..<workerCount).reduce(0) { $0 + inFlight(worker: $1) } }
}

extension Fuzzer {
    var executionsSeen: UInt64 { counters.executions }
}
