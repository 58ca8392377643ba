import Glibc

/// The text of `errno`.
func lastErrorText() -> String {
    String(cString: strerror(errno))
}

/// This process's environment as `NAME=value`, in its own order.
func currentEnvironment() -> [String] {
    var result: [String] = []
    var entry = environ
    while let text = entry.pointee {
        result.append(String(cString: text))
        entry += 1
    }
    return result
}

/// The last line of a file that is not empty, from its last 4 KiB.
func lastLine(ofFile path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = pread(descriptor, &bytes, bytes.count, max(0, size - off_t(bytes.count)))
    guard count > 0 else { return nil }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    return text.split(separator: "\n").last { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
}
