import Foundation
import Glibc
import Testing

/// The built program, run as a user does.
@Suite struct CommandLineTests {
    struct Outcome {
        var code: Int32
        var output: String
        var errors: String

        var errorLines: Int { errors.split(separator: "\n").count }
    }

    private static let program = Bundle.main.executableURL.map {
        $0.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("pc-fuzz")
    }

    private func run(
        _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = arguments
        var all = ProcessInfo.processInfo.environment
        all["QEMU_FUZZ_OBJECTS"] = nil
        process.environment = all.merging(environment) { $1 }
        let (output, errors, given) = (Pipe(), Pipe(), Pipe())
        (process.standardOutput, process.standardError, process.standardInput) = (output, errors, given)
        try process.run()
        try given.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try given.fileHandleForWriting.close()
        // Every output here fits into a pipe's buffer, so reading one after the other cannot block.
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let errorText = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            code: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: errorText, as: UTF8.self))
    }

    private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "pc-fuzz-test-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test(arguments: [
        (["--frob"], "--list-harnesses"), (["--harness", "nope", "x"], "virtio-blk"),
        (["--bug", "nope", "x"], "all"), (["--objects", "zzz*", "x"], "--list-regions"), ([], "--help"),
        (["--harness"], "--help"), (["--ram-mib", "0", "x"], "1 to"),
        (["--ram-mib", "x", "x"], "whole number"),
        (["--ram-mib", "99999", "x"], "1 to"), (["--reset=1", "x"], "no value"),
        (["--qtest", "tcp:1"], "stdio"),
    ])
    func mistakesAreOneLineAndCode2(_ arguments: [String], _ hint: String) throws {
        let outcome = try run(arguments)
        #expect(outcome.code == 2)
        #expect(outcome.errorLines == 1)
        #expect(outcome.errors.hasPrefix("pc-fuzz: "))
        #expect(outcome.errors.contains(hint), "\(outcome.errors)")
        #expect(outcome.output == "")
    }

    @Test func unreadableFilesAreOneLineAndCode1() throws {
        for path in ["/nonexistent/input", "/"] {
            let outcome = try run([path])
            #expect(outcome.code == 1)
            #expect(outcome.errorLines == 1 && outcome.errors.contains(path))
        }
    }

    @Test func filesAreRunOneByOne() throws {
        try withFile([9]) { path in
            let outcome = try run([
                "--harness=generic", "--ram-mib", "8", "--reset", "--objects", "VIRTIO*", path, path,
            ])
            #expect(outcome.code == 0 && outcome.errors == "")
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines.first == "Matching objects by name VIRTIO*")
            #expect(lines.dropFirst().first == "This process will try to fuzz the following MemoryRegions:")
            #expect(lines.count { $0.hasPrefix("  * ") && $0.contains("owner virtio-blk-pci") } == 7)
            #expect(lines.count { $0 == "Running: \(path)" } == 2)
            #expect(lines.count { $0.hasPrefix("Executed \(path) in ") && $0.hasSuffix(" ms") } == 2)
        }
    }

    @Test func objectsMayComeFromTheEnvironment() throws {
        try withFile([9]) { path in
            let outcome = try run([path], environment: ["QEMU_FUZZ_OBJECTS": "msix*"])
            #expect(outcome.code == 0)
            #expect(outcome.output.contains("Matching objects by name msix*\n"))
            #expect(outcome.output.split(separator: "\n").count { $0.hasPrefix("  * msix-") } == 2)
        }
    }

    @Test func aTooLongInputIsRejectedNotRefused() throws {
        try withFile([UInt8](repeating: 9, count: 2 << 20)) { path in
            let outcome = try run([path])
            #expect(outcome.code == 0)
            #expect(outcome.output.contains("(rejected)"))
        }
    }

    @Test(arguments: ["--list-harnesses", "--list-bugs"])
    func listingsAreOneJSONObjectALine(_ flag: String) throws {
        let outcome = try run([flag])
        #expect(outcome.code == 0)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count >= 5)
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["name"] is String && object?["summary"] is String)
        }
    }

    @Test func everyListedHarnessRunsAnInput() throws {
        let names = try run(["--list-harnesses"]).output.split(separator: "\n").compactMap {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: String]
        }.compactMap { $0["name"] }
        #expect(names.count == 5)
        try withFile([UInt8](repeating: 1, count: 64)) { path in
            for name in names {
                let outcome = try run(["--harness", name, "--bug", "all", path])
                #expect(outcome.code == 0, "\(name): \(outcome.errors)")
            }
        }
    }

    @Test func helpGoesToStandardOutput() throws {
        for flag in ["--help", "-h"] {
            let outcome = try run([flag])
            #expect(outcome.code == 0 && outcome.errors == "" && outcome.output.hasPrefix("Usage: pc-fuzz"))
        }
    }

    @Test func qtestAnswersOnStandardOutput() throws {
        let commands = "outl 0xcf8 0x80000000\ninl 0xcfc\nwriteb 0x1000 0x5a\nread 0x1000 2\nnonsense\n"
        let outcome = try run(["--qtest", "stdio"], input: commands)
        let lines = outcome.output.split(separator: "\n")
        #expect(outcome.code == 0 && lines.count == 5)
        #expect(lines.prefix(4) == ["OK", "OK 0x12378086", "OK", "OK 0x5a00"])
        #expect(lines.last?.hasPrefix("FAIL") == true)
    }

    @Test func qtestAnswersOnASocket() throws {
        let path = NSTemporaryDirectory() + "pc-fuzz-\(UUID().uuidString.prefix(8))"
        let process = Process()
        process.executableURL = Self.program
        process.arguments = ["--qtest", "unix:\(path)"]
        try process.run()
        defer { process.terminate() }
        let client = try #require(connect(path, whileRunning: process))
        let commands = Array("outl 0xcf8 0x80000000\ninl 0xcfc\n".utf8)
        #expect(write(client, commands, commands.count) == commands.count)
        var answers = ""
        var buffer = [UInt8](repeating: 0, count: 256)
        while answers.filter({ $0 == "\n" }).count < 2 {
            let count = read(client, &buffer, buffer.count)
            try #require(count > 0, "the session ended after \(answers)")
            answers += String(decoding: buffer[..<count], as: UTF8.self)
        }
        #expect(answers == "OK\nOK 0x12378086\n")
        close(client)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(!FileManager.default.fileExists(atPath: path), "the socket is removed with the session")
    }

    /// Connects as soon as the program listens; `nil` when it ended instead.
    private func connect(_ path: String, whileRunning process: Process) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        while process.isRunning {
            let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(client, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if result == 0 { return client }
            close(client)
            sched_yield()
        }
        return nil
    }

    @Test func qtestSocketThatCannotBe() throws {
        for path in ["/nonexistent/socket", String(repeating: "x", count: 300)] {
            let outcome = try run(["--qtest", "unix:\(path)"])
            #expect(outcome.code == 2 && outcome.errorLines == 1 && outcome.errors.contains("unix:\(path)"))
        }
    }

    @Test func regionsAreListed() throws {
        let outcome = try run(["--list-regions"])
        #expect(outcome.code == 0)
        #expect(
            outcome.output.contains("  * pc.ram (size 0x4000000) owner memory-backend-ram, memory 0x0, ram\n")
        )
    }
}
