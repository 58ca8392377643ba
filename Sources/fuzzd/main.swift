import ArgumentParser
import Daemon
import Glibc

// Parses and runs by hand rather than through `Fuzzd.main()`, because exit codes are this project's own and
// because ArgumentParser would end the process with 64 on a wrong flag.
ReadinessSignal.protectInheritedDescriptor()
// A harness's own command line (docs/libfuzzer-flags.md): its flags are libFuzzer's, not ours to parse here.
if CommandLine.arguments.count >= 4, CommandLine.arguments[1] == "libfuzzer" {
    Termination.end(
        LibFuzzerRunner.run(
            LibFuzzerOptions(
                harnessPath: CommandLine.arguments[2], argumentZero: CommandLine.arguments[3],
                arguments: Array(CommandLine.arguments.dropFirst(4)))))
}
do {
    var command = try Fuzzd.command(of: Array(CommandLine.arguments.dropFirst()))
    try command.run()
} catch let failure as CommandFailure {
    Termination.end(failure.exitCode, standardError: "fuzzd: \(failure.message)")
} catch let code as FuzzdExitCode {
    exit(code.rawValue)
} catch {
    let text = Fuzzd.fullMessage(for: error)
    switch Fuzzd.exitCode(for: error) {
    case .success: Termination.end(.success, standardOutput: text)
    case .validationFailure: Termination.end(.usage, standardError: text)
    default: Termination.end(.failure, standardError: "fuzzd: \(error)")
    }
}
