import Foundation
import ForkServer
import Fuzzing
import Storage

/// `-minimize_crash=1`: mutates a crashing input to ever smaller ones that still crash.
///
/// `-runs` and `-max_total_time` bound each step, as in libFuzzer. Where the report has a `DEDUP_TOKEN`, a crash with another
/// one is another bug and ends the search.
struct LibFuzzerMinimization {
    let session: LibFuzzerSession
    private var arguments: LibFuzzerArguments { session.arguments }
    private var log: LibFuzzerLog { session.log }
    /// Seconds of a step where no flag bounds it; libFuzzer's number.
    private static let defaultSeconds = 600
    /// Inputs handed over at once.
    private static let batch = 16

    func run() throws -> Int32 {
        guard arguments.inputs.count == 1 else {
            throw LibFuzzerFailure(message: "ERROR: -minimize_crash should be given one input file")
        }
        var path = arguments.inputs[0]
        guard LibFuzzerRunner.isFile(path), var input = session.contents(of: path) else {
            throw LibFuzzerFailure(message: "ERROR: -minimize_crash: \(path) cannot be read")
        }
        let target = try session.start(session.targetConfiguration(maxInputBytes: max(1, input.count)))
        if arguments["runs"] <= 0, arguments["max_total_time"] == 0 {
            log.say(
                "INFO: you need to specify -runs=N or -max_total_time=N with -minimize_crash=1",
                "INFO: defaulting to -max_total_time=\(Self.defaultSeconds)")
        }
        var token: String?
        while true {
            log.say("CRASH_MIN: minimizing crash input: '\(path)' (\(input.count) bytes)")
            let first = try target.run(input).verdict
            guard first.isFinding else {
                throw LibFuzzerFailure(message: "ERROR: the input \(path) did not crash")
            }
            log.say("CRASH_MIN: '\(path)' (\(input.count) bytes) caused a crash. Will try to minimize it further")
            let found = dedupToken(first)
            if let token, let found, token != found {
                log.say("CRASH_MIN: mismatch in dedup tokens (looks like a different bug). Won't minimize further")
                return LibFuzzerExitCode.success
            }
            token = token ?? found
            guard let smaller = try step(input, target) else {
                log.say("CRASH_MIN: failed to minimize beyond \(path) (\(input.count) bytes), exiting")
                return LibFuzzerExitCode.success
            }
            input = smaller.input
            path = smaller.path
            log.say("*********************************")
        }
    }

    /// A smaller input that crashes, saved; `nil` when the step's bounds were reached first.
    private func step(_ input: [UInt8], _ target: LibFuzzerTarget) throws -> (input: [UInt8], path: String)? {
        log.say("INFO: Starting MinimizeCrashInputInternalStep: \(input.count)")
        guard input.count > 1 else {
            log.say("INFO: The input is small enough, exiting")
            return nil
        }
        var search = SmallerInputs(
            input, seed: session.seed &+ UInt64(input.count), depth: max(1, arguments["mutate_depth"]),
            isOnlyASCII: arguments.isOn("only_ascii"), mutates: target.modules.capabilities.contains(.customMutator))
        let runs = arguments["runs"] > 0 ? arguments["runs"] : Int.max
        let limit = arguments["max_total_time"]
        let seconds = limit > 0 ? limit : runs == Int.max ? Self.defaultSeconds : Int.max
        let start = CampaignClock.now()
        var done = 0
        while done < runs, CampaignClock.now() - start < Double(seconds) {
            let requests = (0..<min(Self.batch, runs - done)).map { _ in search.next() }
            let results = try target.run(requests.map(\.request)) { $0.verdict.isFinding }
            done += results.count
            for (index, result) in results.enumerated() where result.run.verdict.isFinding {
                let crashing = requests[index].request.customMutatorSeed == nil ? requests[index].request.input : result.input
                guard crashing.count < input.count else { continue }
                return (crashing, try save(crashing, of: input, requests[index].mutations, result.run.verdict, target))
            }
        }
        log.say("INFO: Done MinimizeCrashInputInternalStep, no crashes found")
        return nil
    }

    private func save(
        _ crashing: [UInt8], of input: [UInt8], _ mutations: [String], _ verdict: Verdict, _ target: LibFuzzerTarget
    ) throws -> String {
        let prefix = session.artifactNames.prefix
        let path = session.artifactNames.exactPath ?? prefix + "minimized-from-" + inputName(of: input)
        do throws(StorageError) { try TracelessWriter().write(crashing, to: path, replaces: true) } catch {
            throw LibFuzzerFailure(message: "ERROR: fuzzd: \(error)")
        }
        var finding = target.finding(verdict, input: crashing)
        finding.origin = LibFuzzerFinding.Origin(mutations: mutations)
        finding.artifact = LibFuzzerFinding.Artifact(prefix: prefix, path: path)
        log.raw(finding.output)
        log.tell(finding.lines())
        return path
    }

    /// Sanitizers print it with `dedup_token_length`.
    private func dedupToken(_ verdict: Verdict) -> String? {
        let text = String(decoding: verdict.output, as: UTF8.self)
        return text.split(separator: "\n").first { $0.contains("DEDUP_TOKEN:") }.map(String.init)
    }
}

/// Mutants of an input that are shorter than it.
private struct SmallerInputs {
    private let input: [UInt8]
    private var mutator: Mutator
    private let depth: Int
    private let mutatesInHarness: Bool
    private var current: [UInt8]
    private var families: [String] = []

    init(_ input: [UInt8], seed: UInt64, depth: Int, isOnlyASCII: Bool, mutates: Bool) {
        self.input = input
        self.depth = depth
        mutatesInHarness = mutates
        current = input
        mutator = Mutator(
            seed: seed, maxSizeBytes: input.count - 1, usesComparisons: false, crossesOver: false, isOnlyASCII: isOnlyASCII)
    }

    mutating func next() -> (request: ExecutionRequest, mutations: [String]) {
        if mutatesInHarness {
            let seed = UInt32(truncatingIfNeeded: mutator.context.random.next())
            return (ExecutionRequest(input: input, customMutatorSeed: seed), ["Custom"])
        }
        if families.count == depth {
            current = input
            families = []
        }
        // A mutation may keep the size of what it was given: the first one has to make it smaller.
        if current.count >= input.count {
            let index = mutator.context.random.below(input.count)
            let count = 1 + mutator.context.random.below(max(1, (input.count - index) / (mutator.context.random.coin() ? 1 : 8)))
            current.removeSubrange(index..<min(input.count, index + min(count, input.count - 1)))
            families.append(MutationFamily.eraseBytes.name)
        } else {
            families.append(mutator.mutate(&current).name)
        }
        return (ExecutionRequest(input: current), families)
    }
}
