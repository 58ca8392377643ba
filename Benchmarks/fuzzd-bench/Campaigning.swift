import ForkServer
import Fuzzing

/// A real campaign in this process, engine and fork server, as the daemon's loop drives them; nothing is stored.
struct Campaigning {
    let subject: Subject
    var fuzzer: Fuzzer
    var tickets: [UInt64] = []
    /// Inputs that were kept, in the order of discovery.
    var kept: [[UInt8]] = []

    /// Every input that was run, where they are wanted.
    var executed: [[UInt8]] = []
    var keepsExecuted = false

    init(subject: Subject, seed: UInt64) {
        var options = FuzzerOptions()
        options.seed = seed
        options.hasCustomCrossOver = true
        self.init(subject: subject, options: options)
    }

    init(subject: Subject, options: FuzzerOptions) {
        self.subject = subject
        fuzzer = Fuzzer(options: options)
    }

    /// Runs `count` more inputs with a full pipeline.
    mutating func run(count: Int) throws -> Subject.Round {
        var round = Subject.Round()
        var submitted = 0
        let start = monotonicNanoseconds()
        while round.executions < count {
            while submitted < count, subject.server.hasRoom(worker: 0) {
                let (ticket, request) = fuzzer.nextRequest()
                subject.server.submit(request, to: 0)
                tickets.append(ticket)
                submitted += 1
            }
            if !take(&round) { try subject.server.wait(timeoutMilliseconds: 200) }
        }
        round.nanoseconds = monotonicNanoseconds() - start
        return round
    }

    private mutating func take(_ round: inout Subject.Round) -> Bool {
        subject.server.takeVerdict(worker: 0) { _, verdict, counters, comparisons, input in
            round.executions += 1
            round.operations += verdict.operations
            round.timing.add(verdict.timing, isFirst: round.executions == 1)
            if verdict.kind != .passed, verdict.kind != .rejected { round.failures += 1 }
            if keepsExecuted { executed.append(Array(input)) }
            let events = fuzzer.observe(
                ticket: tickets.removeFirst(),
                Observation(
                    outcome: Self.outcome(verdict), counters: counters, comparisons: comparisons,
                    executedInput: input, operations: verdict.operations,
                    durationNanoseconds: verdict.timing.childNanoseconds))
            for event in events {
                if case .newInput(let new) = event { kept.append(new.bytes) }
            }
        }
    }

    private static func outcome(_ verdict: Verdict) -> Outcome {
        switch verdict.kind {
        case .passed: .passed
        case .rejected: .rejected
        case .signalled, .exited, .tooManyProcesses, .sanitizer: .crashed(signature: verdict.kind.rawValue)
        case .inputTimeout, .operationTimeout: .timedOut
        case .outOfMemory, .mallocLimit: .outOfMemory
        case .leaked: .leaked(signature: verdict.kind.rawValue)
        case .forkFailed: .lost
        }
    }
}
