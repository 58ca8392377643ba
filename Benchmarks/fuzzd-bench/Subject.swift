import Foundation
import ForkServer
import Fuzzing

/// A started machine that takes rounds of inputs. Owned by the main thread, which lives as long.
final class Subject {
    struct Round {
        var executions = 0
        var operations: UInt64 = 0
        var nanoseconds: UInt64 = 0
        var timing = TimeSum()
        /// Inputs that ended otherwise than by passing or being rejected.
        var failures = 0

        var executionsPerSecond: Double { Double(executions) * 1e9 / Double(max(1, nanoseconds)) }
        var operationsPerSecond: Double { Double(operations) * 1e9 / Double(max(1, nanoseconds)) }
        var microsecondsPerInput: Double { Double(nanoseconds) / 1000 / Double(max(1, executions)) }
    }

    /// Sums over the inputs of a round, in nanoseconds.
    struct TimeSum {
        var handOver: UInt64 = 0
        var fork: UInt64 = 0
        var child: UInt64 = 0
        var reap: UInt64 = 0

        /// The first input of a round waited for the round to begin, which is not the daemon's doing.
        mutating func add(_ timing: ExecutionTiming, isFirst: Bool) {
            if !isFirst { handOver += timing.handOverNanoseconds }
            fork += timing.forkNanoseconds
            child += timing.childNanoseconds
            reap += timing.reapNanoseconds
        }

        mutating func add(_ other: TimeSum) {
            handOver += other.handOver
            fork += other.fork
            child += other.child
            reap += other.reap
        }

        /// Microseconds an input, in words.
        func text(inputs: Int) -> String {
            let parts = [("fork call", fork), ("child", child), ("reaping and counters", reap), ("daemon", handOver)]
            return parts.map { name, sum in
                name + String(format: " %.0f us", Double(sum) / 1000 / Double(max(1, inputs)))
            }.joined(separator: ", ")
        }

        /// The part of all that time in which the machine parent waited for the daemon.
        var handOverShare: Double { Double(handOver) / Double(max(1, handOver + fork + child + reap)) }
    }

    let server: ForkServer
    /// `--fork-ahead`; set once, before the first one is started.
    nonisolated(unsafe) static var forkAhead = ForkAheadPolicy.automatic

    convenience init(_ adjust: (inout TargetConfiguration) -> Void) throws {
        var configuration = TargetConfiguration(program: Programs.path("pc-fuzz"))
        configuration.arguments = Machines.generic
        // Other processes may hold the cores for long: a limit here would only cut measurements short.
        configuration.limits.inputTimeoutMicroseconds = 20_000_000
        configuration.limits.operationTimeoutMicroseconds = 10_000_000
        adjust(&configuration)
        try self.init(configuration)
    }

    init(_ configuration: TargetConfiguration) throws {
        var configuration = configuration
        configuration.forkAhead = Self.forkAhead
        server = ForkServer(configuration: configuration)
        try server.start()
    }

    /// Runs `count` inputs, taken from `inputs` in turn, on the first `workers` workers with full pipelines.
    func run(_ inputs: [[UInt8]], count: Int, workers: Int = 1) throws -> Round {
        var round = Round()
        var submitted = 0
        let start = monotonicNanoseconds()
        while round.executions < count {
            var taken = 0
            for worker in 0..<workers {
                while submitted < count, server.hasRoom(worker: worker) {
                    // As a campaign asks for them.
                    let request = ExecutionRequest(input: inputs[submitted % inputs.count], tracesAllocations: false)
                    server.submit(request, to: worker)
                    submitted += 1
                }
                while take(worker, &round) { taken += 1 }
            }
            if taken == 0 { try server.wait(timeoutMilliseconds: 1000) }
        }
        round.nanoseconds = monotonicNanoseconds() - start
        return round
    }

    private func take(_ worker: Int, _ round: inout Round) -> Bool {
        server.takeVerdict(worker: worker) { _, verdict, _, _, _ in
            round.executions += 1
            round.operations += verdict.operations
            round.timing.add(verdict.timing, isFirst: round.executions <= 1)
            if verdict.kind != .passed, verdict.kind != .rejected { round.failures += 1 }
        }
    }

    /// Inputs that last about `milliseconds` here, from a first round that also warms up.
    func count(lasting milliseconds: Int, _ inputs: [[UInt8]], workers: Int = 1) throws -> Int {
        var count = 8
        while true {
            let round = try run(inputs, count: count, workers: workers)
            if round.nanoseconds > 5_000_000 {
                return max(4, Int(Double(count) * Double(milliseconds) * 1e6 / Double(round.nanoseconds)))
            }
            count *= 4
        }
    }

    /// Bare fork, `_exit`, wait turns a second inside worker 0's machine parent.
    func bareForkRate(turns: Int) throws -> Double {
        guard let nanoseconds = server.measureBareFork(turns: UInt32(turns)) else {
            throw BareForkProcess.Failure(description: "the machine parent did not measure its bare loop")
        }
        return Double(turns) * 1e9 / Double(max(1, nanoseconds))
    }

    /// Mappings of worker 0's machine parent, which `fork` copies.
    var mappings: Int {
        server.processIDs.first.flatMap { try? String(contentsOfFile: "/proc/\($0)/maps", encoding: .utf8) }?
            .split(separator: "\n").count ?? 0
    }

    /// A kibibyte figure of worker 0's machine parent, as it serves now (`VmRSS`, `VmPTE`).
    func statusKibibytes(_ name: String) -> Int {
        guard let process = server.processIDs.first,
            let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") })
        else { return 0 }
        return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0
    }
}

/// Arguments of the built-in machine.
enum Machines {
    static let generic = ["--harness", "generic", "--objects", "*"]

    static func withGuestMemory(mebibytes: Int) -> [String] {
        generic + ["--ram-mib", String(mebibytes), "--touch-ram"]
    }
}
