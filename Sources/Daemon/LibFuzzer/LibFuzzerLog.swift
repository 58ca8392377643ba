import Glibc

/// Standard error, where libFuzzer writes all it says. Owned by one thread; a reader that went away ends nothing.
final class LibFuzzerLog {
    private let descriptor: Int32
    /// libFuzzer's `-verbosity`; at 0 only findings are told.
    let verbosity: Int

    init(descriptor: Int32 = STDERR_FILENO, verbosity: Int) {
        self.descriptor = descriptor
        self.verbosity = verbosity
    }

    /// Lines that are left out with `-verbosity=0`.
    func say(_ lines: String...) { say(lines) }

    func say(_ lines: [String]) {
        if verbosity > 0 { tell(lines) }
    }

    /// Lines that are always written.
    func tell(_ lines: String...) { tell(lines) }

    func tell(_ lines: [String]) {
        raw(Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    /// Bytes as they are: what the target printed.
    func raw(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var rest = UnsafeRawBufferPointer(buffer)
            while let base = rest.baseAddress, !rest.isEmpty {
                let count = write(descriptor, base, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
