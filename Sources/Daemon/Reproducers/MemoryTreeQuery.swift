import Foundation
import ForkServer
import Fuzzing
import Reproducers

/// Where QEMU's regions lie once its generic fuzzer has mapped the BARs: asked of the fuzz target itself through QEMU's monitor,
/// which reads `info mtree -f` from a file while an input of operations without effect turns the main loop.
enum MemoryTreeQuery {
    /// The monitor takes one byte a turn, and each operation lets ten turn: far more than the commands are long.
    private static let operations = 400
    private static let commands = String(repeating: "\n", count: 64) + String(repeating: "info mtree -f\n", count: 8)

    /// `nil` where the target is none of QEMU's generic ones or does not answer: comments are then poorer.
    static func map(_ tracer: TargetTracer) -> RegionMap? {
        guard let line = tracer.commandLine, !tracer.objects.isEmpty,
            tracer.configuration.target.arguments.contains(where: { $0.hasPrefix("--fuzz-target=generic-fuzz") })
        else { return nil }
        // The path becomes part of QEMU's command line, which is cut at blanks.
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("fuzzd-monitor-\(UUID().uuidString)")
        guard (try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)) != nil else { return nil }
        defer { try? FileManager.default.removeItem(at: directory) }
        let question = directory.appendingPathComponent("question").path
        let answer = directory.appendingPathComponent("answer").path
        guard FileManager.default.createFile(atPath: question, contents: Data(commands.utf8)) else { return nil }
        var configuration = tracer.configuration
        configuration.target.arguments = ["--fuzz-target=generic-fuzz"]
        let arguments = line.arguments + [
            "-chardev", "file,id=fuzzd-monitor,path=\(answer),input-path=\(question)", "-mon", "chardev=fuzzd-monitor,mode=readline",
        ]
        configuration.target.environment += [
            .init(name: "QEMU_FUZZ_ARGS", value: arguments.joined(separator: " ")),
            .init(name: "QEMU_FUZZ_OBJECTS", value: tracer.objects.joined(separator: " ")),
        ]
        guard var target = try? CampaignSettings.targetConfiguration(configuration) else { return nil }
        target.workers = 1
        target.strategy = .fork
        target.limits.inputTimeoutMicroseconds = max(target.limits.inputTimeoutMicroseconds, 10_000_000)
        let server = ForkServer(configuration: target)
        let input = Array([UInt8](repeating: 6, count: operations).map { [$0] }.joined(separator: Array("FUZZ".utf8)))
        guard (try? server.start()) != nil, (try? InputRunner(server: server).run([input]) { _, _, _ in }) != nil,
            let text = FileManager.default.contents(atPath: answer)
        else { return nil }
        let map = RegionMap(memoryTree: String(decoding: text, as: UTF8.self))
        return map.ports.isEmpty && map.memory.isEmpty ? nil : map
    }
}
