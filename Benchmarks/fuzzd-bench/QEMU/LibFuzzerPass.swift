import Foundation

/// One pass of a harness that is linked with libFuzzer over a folder of inputs, each run once.
///
/// The time is taken from the log line that libFuzzer prints before its first input to the one after its last, so
/// neither the harness's initialisation nor the end of the process is in it.
struct LibFuzzerPass {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    var program: String
    var fuzzTarget: String
    var inputs: String

    /// QEMU's reset may wait for ever for the virtual CPU's thread, and libFuzzer's own timer with it.
    private static let limitSeconds = 120.0
    private static let attempts = 3

    /// Inputs a second. A pass that hangs is ended and made again.
    func rate() throws -> Double {
        for _ in 1..<Self.attempts {
            if let rate = try? onePass() { return rate }
        }
        return try onePass()
    }

    private func onePass() throws -> Double {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "--fuzz-target=" + fuzzTarget, "-runs=0", "-shuffle=0", "-detect_leaks=0", "-rss_limit_mb=0", "-timeout=60",
            "-artifact_prefix=\(inputs)-", inputs,
        ]
        let log = Pipe()
        process.standardError = log
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let limit = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.limitSeconds, execute: limit)
        defer {
            process.waitUntilExit()
            limit.cancel()
        }
        var start: UInt64?
        var last = ""
        while let line = Self.readLine(log.fileHandleForReading) {
            let now = monotonicNanoseconds()
            if line.hasPrefix("INFO: seed corpus: files:") { start = now }
            if line.contains("INITED"), let start, let executions = Self.executions(line) {
                process.terminate()
                // The empty input was run before the files, and is counted.
                return Double(executions - 1) * 1e9 / Double(max(1, now - start))
            }
            if !line.isEmpty { last = line }
        }
        throw Failure(description: "\(fuzzTarget) with libFuzzer did not get through the inputs; its last line: \(last)")
    }

    /// The number behind `#`.
    private static func executions(_ line: String) -> Int? {
        Int(line.drop { $0 != "#" }.dropFirst().prefix { $0.isNumber })
    }

    private static func readLine(_ file: FileHandle) -> String? {
        var line = Data()
        while let byte = try? file.read(upToCount: 1), let value = byte.first {
            if value == 10 { return String(decoding: line, as: UTF8.self) }
            line.append(value)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
}
