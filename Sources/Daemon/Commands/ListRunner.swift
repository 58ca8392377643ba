import Foundation

/// Runs `fuzzd list`.
package enum ListRunner {
    private struct Harness: Decodable {
        var name: String
        var summary: String
    }

    /// Prints the harnesses of the built-in machine and the ready configs.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run() throws -> FuzzdExitCode {
        let program = CampaignSettings.daemonDirectory + "/pc-fuzz"
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw CommandFailure(.targetUnusable, "\(program): the built-in machine is not installed beside fuzzd")
        }
        print("Harnesses of the built-in machine (pc-fuzz):")
        for harness in try harnesses(of: program) {
            print("  \(harness.name.padding(toLength: 21, withPad: " ", startingAt: 0)) \(harness.summary)")
        }
        let configs = readyConfigs()
        if !configs.isEmpty {
            print("Ready configs:")
            configs.forEach { print("  \($0)") }
        }
        return .success
    }

    private static func harnesses(of program: String) throws -> [Harness] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--list-harnesses"]
        let pipe = Pipe()
        process.standardOutput = pipe
        do {
            try process.run()
        } catch {
            throw CommandFailure(.targetUnusable, "\(program): \(error.localizedDescription)")
        }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return output.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(Harness.self, from: Data($0))
        }
    }

    /// Configs in `./configs` and in the installed share directory, and those of QEMU below them.
    private static func readyConfigs() -> [String] {
        let directories = ["configs", CampaignSettings.daemonDirectory + "/../share/fuzzd/configs"]
            .flatMap { [$0, $0 + "/qemu"] }
        return directories.flatMap { directory in
            ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
                .filter { $0.hasSuffix(".yaml") }.sorted().map { directory + "/" + $0 }
        }
    }
}
