import ForkServer

/// Single inputs: runs each file, and ends at the first that fails.
struct LibFuzzerFiles {
    let session: LibFuzzerSession

    func run() throws -> Int32 {
        let arguments = session.arguments
        let inputs = try arguments.inputs.map { path in
            guard let bytes = session.contents(of: path) else {
                throw LibFuzzerFailure(message: "ERROR: \(path) cannot be read")
            }
            return (path: path, bytes: bytes)
        }
        let longest = inputs.map(\.bytes.count).max() ?? 1
        let limit = arguments["max_len"] > 0 ? min(longest, arguments["max_len"]) : longest
        let target = try session.start(session.targetConfiguration(maxInputBytes: limit))
        let turns = max(1, arguments["runs"])
        session.log.say("\(session.options.argumentZero): Running \(inputs.count) inputs \(turns) time(s) each.")
        for input in inputs {
            session.log.say("Running: \(input.path)")
            var nanoseconds: UInt64 = 0
            for _ in 0..<turns {
                let bytes = Array(input.bytes.prefix(limit))
                let verdict = try target.run(bytes).verdict
                nanoseconds += verdict.timing.childNanoseconds
                if let code = end(verdict, bytes, target) { return code }
            }
            session.log.say("Executed \(input.path) in \(nanoseconds / 1_000_000) ms")
        }
        session.log.say(
            "***", "*** NOTE: fuzzing was not performed, you have only",
            "***       executed the target code on a fixed set of inputs.", "***")
        return LibFuzzerExitCode.success
    }

    /// The exit code of an input that failed.
    private func end(_ verdict: Verdict, _ input: [UInt8], _ target: LibFuzzerTarget) -> Int32? {
        guard verdict.isFinding else {
            if session.passesOutput { session.log.raw(verdict.output) }
            return nil
        }
        let finding = target.finding(verdict, input: input)
        session.log.raw(finding.output)
        session.log.tell(finding.lines())
        return finding.exitCode(session.arguments)
    }
}
