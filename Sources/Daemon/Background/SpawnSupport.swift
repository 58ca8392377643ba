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

/// Calls `body` with a null-terminated vector of C strings that live as long as the call.
func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var vector: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    vector.append(nil)
    defer { for pointer in vector { free(pointer) } }
    return vector.withUnsafeBufferPointer { buffer in
        // A vector always has its terminator, so the buffer has a base address.
        guard let base = buffer.baseAddress else { preconditionFailure("empty vector") }
        return body(base)
    }
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
