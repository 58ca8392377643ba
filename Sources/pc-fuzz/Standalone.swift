import Glibc
import MachineHarness

/// Runs input files one by one in this process, as a libFuzzer binary does when it is given files.
enum Standalone {
    /// - Returns: the exit code.
    static func run(_ harness: any Harness, files: [String], resets: Bool) -> Int32 {
        for file in files {
            let input: [UInt8]
            do {
                input = try contents(of: file)
            } catch {
                Output.error(error.message)
                return 1
            }
            Output.standard("Running: \(file)\n")
            let start = nowMilliseconds()
            let verdict = input.withUnsafeBytes { harness.run($0) }
            let note = verdict == .rejected ? " (rejected)" : ""
            Output.standard("Executed \(file) in \(nowMilliseconds() - start) ms\(note)\n")
            if resets { harness.reset() }
        }
        return 0
    }

    // Only for the user's eyes: no input sees it.
    private static func nowMilliseconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    private static func contents(of path: String) throws(UsageError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, "stat") }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw UsageError("\(path) is a directory; give the input files in it")
        }
        // One byte more than is accepted: the harness itself rejects what is too long.
        let limit = HarnessLimits.inputBytes + 1
        var bytes = [UInt8](repeating: 0, count: min(max(Int(status.st_size), 4096), limit))
        var count = 0
        while count < limit {
            if count == bytes.count {
                bytes.append(contentsOf: repeatElement(0, count: min(count, limit - count)))
            }
            let got = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw failure(path, "read") }
            if got == 0 { break }
            count += got
        }
        return Array(bytes[..<count])
    }

    private static func failure(_ path: String, _ step: String) -> UsageError {
        UsageError("cannot \(step) \(path): \(String(cString: strerror(errno)))")
    }
}
