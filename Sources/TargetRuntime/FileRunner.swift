import CForkServerABI
import CTargetRuntime

/// Runs files one by one in this process: what a harness can do where fuzzd is not installed. Prints libFuzzer's lines.
struct FileRunner {
    let testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

    /// Runs every argument that is not a flag; a directory stands for the files in it. Returns the exit status: 1 where
    /// nothing could be run.
    func runArguments() -> Int32 {
        StandardError.write(literal: "fuzzd: not found beside this program or along PATH; only running the given files\n")
        guard let arguments = fuzzd_arguments() else { return 1 }
        var ran = 0
        for index in 1..<max(1, Int(fuzzd_argument_count())) {
            guard let argument = arguments[index], argument.pointee != 45 else { continue }
            ran += run(argument)
        }
        if ran == 0 {
            StandardError.write(literal: "fuzzd: no files to run; install fuzzd, or name files or directories\n")
            return 1
        }
        StandardError.write(literal: "***\n*** NOTE: fuzzing was not performed, the given inputs were only run\n***\n")
        return 0
    }

    private func run(_ path: UnsafePointer<CChar>) -> Int {
        guard let directory = opendir(path) else { return runFile(path) ? 1 : 0 }
        defer { closedir(directory) }
        guard let memory = mapPrivate(bytes: 8192) else { return 0 }
        defer { fuzzd_unmap(memory, 8192) }
        let joined = memory.assumingMemoryBound(to: CChar.self)
        var ran = 0
        while let entry = readdir(directory) {
            guard let name = fuzzd_entry_name(entry), name.pointee != 46, strlen(path) + strlen(name) < 8000 else { continue }
            strcpy(joined, path)
            strcat(joined, cString("/"))
            strcat(joined, name)
            ran += run(joined)
        }
        return ran
    }

    private func runFile(_ path: UnsafePointer<CChar>) -> Bool {
        let descriptor = fuzzd_open_for_reading(path)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            StandardError.write(literal: "fuzzd: cannot read ")
            StandardError.write(path)
            StandardError.write(literal: "\n")
            return false
        }
        defer { close(descriptor) }
        // Of the exact size, from the target's own allocator, so that a sanitizer sees an access behind the end.
        let bytes = malloc(max(1, Int(status.st_size)))
        defer { free(bytes) }
        var count = 0
        while count < Int(status.st_size) {
            let got = read(descriptor, bytes?.advanced(by: count), Int(status.st_size) - count)
            guard got > 0 else { break }
            count += got
        }
        StandardError.write(literal: "Running: ")
        StandardError.write(path)
        StandardError.write(literal: "\n")
        let start = monotonicNanoseconds()
        _ = testOneInput(UnsafePointer(bytes?.assumingMemoryBound(to: UInt8.self)), count)
        let milliseconds = (monotonicNanoseconds() &- start) / 1_000_000
        StandardError.write(literal: "Executed ")
        StandardError.write(path)
        StandardError.write(literal: " in ")
        StandardError.write(milliseconds)
        StandardError.write(literal: " ms\n")
        return true
    }
}

/// Text on descriptor 2, written without libc's streams.
enum StandardError {
    static func write(literal text: StaticString) {
        _ = CTargetRuntime.write(2, text.utf8Start, text.utf8CodeUnitCount)
    }

    static func write(_ text: UnsafePointer<CChar>) {
        _ = CTargetRuntime.write(2, text, strlen(text))
    }

    static func write(_ number: UInt64) {
        var digits: UInt64 = 1
        while number / digits >= 10 { digits *= 10 }
        while digits > 0 {
            var character = UInt8(truncatingIfNeeded: 48 + number / digits % 10)
            _ = CTargetRuntime.write(2, &character, 1)
            digits /= 10
        }
    }
}
