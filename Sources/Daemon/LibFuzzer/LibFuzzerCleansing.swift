import Storage

/// `-cleanse_crash=1`: replaces bytes of a crashing input one at a time, as long as it still crashes.
struct LibFuzzerCleansing {
    let session: LibFuzzerSession
    private static let replacements: [UInt8] = [0x20, 0xFF]
    private static let maxRounds = 5

    func run() throws -> Int32 {
        let arguments = session.arguments
        guard arguments.inputs.count == 1, let output = arguments.text("exact_artifact_path") else {
            throw LibFuzzerFailure(
                message: "ERROR: -cleanse_crash should be given one input file and -exact_artifact_path")
        }
        guard LibFuzzerRunner.isFile(arguments.inputs[0]), var input = session.contents(of: arguments.inputs[0]) else {
            throw LibFuzzerFailure(message: "ERROR: -cleanse_crash: \(arguments.inputs[0]) cannot be read")
        }
        let target = try session.start(session.targetConfiguration(maxInputBytes: max(1, input.count)))
        for round in 0..<Self.maxRounds {
            var isChanged = false
            for index in input.indices {
                session.log.say("CLEANSE[\(round)]: Trying to replace byte \(index) of \(input.count)")
                let original = input[index]
                if Self.replacements.contains(original) { continue }
                for replacement in Self.replacements {
                    input[index] = replacement
                    guard try target.run(input).verdict.isFinding else {
                        input[index] = original
                        continue
                    }
                    isChanged = true
                    session.log.say("CLEANSE: Replaced byte \(index) with 0x\(String(replacement, radix: 16))")
                    try save(input, to: output)
                    break
                }
            }
            if !isChanged { break }
        }
        return LibFuzzerExitCode.success
    }

    private func save(_ input: [UInt8], to path: String) throws {
        do throws(StorageError) { try TracelessWriter().write(input, to: path, replaces: true) } catch {
            throw LibFuzzerFailure(message: "ERROR: fuzzd: \(error)")
        }
    }
}
