import Foundation
import Reproducers

/// The configuration of a machine that a test's `qtest_init` describes: QEMU's generic fuzz target with its arguments. Written
/// beside the input, which means nothing without it.
struct ImportedMachine {
    private(set) var configuration: CampaignConfiguration

    /// - Parameter path: where the configuration is going to be.
    init(name: String, path: String, program: String, arguments: [String], objects: String) {
        let isPath = program.contains("/")
        let target = CampaignConfiguration.Target(
            program: isPath ? URL(fileURLWithPath: program).path : program, arguments: ["--fuzz-target=generic-fuzz"],
            environment: [
                .init(name: "QEMU_AVOID_DOUBLE_FETCH", value: "1"),
                .init(name: "QEMU_FUZZ_ARGS", value: arguments.joined(separator: " ")),
                .init(name: "QEMU_FUZZ_OBJECTS", value: objects),
            ], endOfInput: "fuzz_reset")
        configuration = CampaignConfiguration(
            file: path, name: name, target: target, limits: .init(operationTimeoutMicroseconds: 0),
            artifacts: "./artifacts/\(name)", programLine: 4)
    }

    /// Before 8.0 QEMU's harness resets nothing by itself, and a child needs no reset anyway.
    mutating func dropEndOfInput() { configuration.target.endOfInput = nil }

    /// The configuration's file.
    var yaml: String {
        let target = configuration.target
        var lines = [
            "# Made by `fuzzd import`: QEMU's generic fuzz target with the machine of a qtest test.",
            "name: \(configuration.name)", "target:", "  program: \(Self.quoted(target.program))",
            "  arguments: [\(target.arguments.map(Self.quoted).joined(separator: ", "))]", "  environment:",
        ]
        lines += target.environment.map { "    \($0.name): \(Self.quoted($0.value))" }
        if let end = target.endOfInput { lines.append("  end_of_input: \(end)") }
        lines += ["reset: fork", "limits:", "  # QEMU does not tell one operation from the next.", "  operation_timeout_microseconds: 0"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
