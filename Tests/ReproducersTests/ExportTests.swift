import Foundation
import Testing

import Reproducers

/// The three formats, held against files: a change shows what people get.
@Suite struct ExportTests {
    static let reproducer = Reproducer(
        commands: [
            .portWrite(size: 4, address: 0xcf8, value: 0x8000_1010), .portWrite(size: 4, address: 0xcfc, value: 0xe000_0000),
            .bytesWrite(address: 0x1000, bytes: Array(0..<48)), .fill(address: 0x2000, count: 300, byte: 0x5a),
            .bytesWrite(address: 0x3000, bytes: [1]), .memoryWrite(size: 8, address: 0xe000_0010, value: .max),
            .memoryRead(size: 2, address: 0xe000_0000), .portRead(size: 1, address: 0x60), .fill(address: 0, count: 8, byte: 1),
            .clockStep(nanoseconds: nil),
        ],
        commandLine: QEMUCommandLine(
            arguments: ["-display", "none", "-machine", "accel=qtest", "-m", "64", "-M", "pc", "-device", "virtio-blk-pci,drive=disk0"]),
        name: "generic-pc_0123abcd", summary: "SIGABRT: virtio.c: a */ b")

    @Test(arguments: ExportFormat.allCases) func formatIsThatOfTheGoldenFile(format: ExportFormat) throws {
        let path = #filePath.replacing("ExportTests.swift", with: "Golden/reproducer.\(format.rawValue).txt")
        let golden = try String(contentsOfFile: path, encoding: .utf8)
        #expect(Self.reproducer.text(format) == golden)
    }

    /// A shell takes the command apart as we put it together.
    @Test func theShellCommandGivesTheScript() throws {
        var reproducer = Self.reproducer
        reproducer.commandLine.arguments += ["a b$c'd\"e", "", "file=null-co://,id=a"]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let command = reproducer.text(.bash).replacing("qemu-system-i386", with: "sh -c 'cat; printf %s\\\\n \"$@\"' --")
        process.arguments = ["-c", command]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let arguments = reproducer.commandLine.standardInputArguments.map { $0 + "\n" }.joined()
        #expect(text == reproducer.text(.qtest) + arguments)
    }

    @Test func linesAreShort() {
        for line in Self.reproducer.text(.bash).split(separator: "\n") { #expect(line.count <= 72) }
        for line in Self.reproducer.text(.c).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
}
