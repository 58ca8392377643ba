import Foundation

/// A real QEMU that answers qtest lines: the reference for our machine. Its processor is stopped (`-S`), so
/// its virtual clock stands at 0; Debian 12's package has no qtest accelerator (docs/qemu-differences.md).
final class ReferenceQEMU {
    static let executable = "/usr/bin/qemu-system-i386"
    static var isInstalled: Bool {
        let isThere = FileManager.default.isExecutableFile(atPath: executable)
        if !isThere { print("SKIPPED, NOT PASSED: \(executable) is not installed (Debian: qemu-system-x86)") }
        return isThere
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()
    private let firmware: URL

    struct Ended: Error { let line: String }

    /// - Parameter extra: further arguments, for instance a device. The firmware is zeros, as ours is.
    init(extra: [String] = []) throws {
        firmware = FileManager.default.temporaryDirectory
            .appendingPathComponent("fuzzd-firmware-\(UUID().uuidString)")
        try Data(count: 65536).write(to: firmware)
        process.executableURL = URL(fileURLWithPath: Self.executable)
        process.arguments =
            [
                "-M", "pc", "-accel", "tcg", "-S", "-m", "128", "-display", "none", "-nodefaults", "-serial",
                "null",
                "-rtc", "base=2020-01-01T00:00:00,clock=vm", "-bios", firmware.path, "-qtest", "stdio",
                "-qtest-log", "/dev/null",
            ] + extra
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    /// Sends a line; gives events and answer, in order.
    func handle(line: String) throws -> [String] {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
        var lines: [String] = []
        while true {
            let text = try nextLine(after: line)
            lines.append(text)
            if !text.hasPrefix("IRQ ") { return lines }
        }
    }

    private func nextLine(after line: String) throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let text = String(decoding: buffer[buffer.startIndex..<end], as: UTF8.self)
                buffer.removeSubrange(buffer.startIndex...end)
                return text
            }
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = read(output.fileHandleForReading.fileDescriptor, &chunk, chunk.count)
            if count <= 0 { throw Ended(line: line) }
            buffer.append(contentsOf: chunk[..<count])
        }
    }

    func stop() {
        // End of input does not end QEMU; waiting for it is not needed to remove its firmware file.
        // Not terminate(): children of a dispatch thread inherit its mask, which blocks that signal.
        kill(process.processIdentifier, SIGKILL)
        try? input.fileHandleForWriting.close()
        try? output.fileHandleForReading.close()
        try? FileManager.default.removeItem(at: firmware)
    }
}
