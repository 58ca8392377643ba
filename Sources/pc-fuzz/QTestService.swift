import Glibc
import Machine

/// `--qtest`: the machine behind QEMU's qtest protocol, for one client, until that one hangs up.
enum QTestService {
    /// A line longer than the largest transfer in hexadecimal, with some room, is nobody's command.
    private static let maximumLineBytes = 2 * QTestSession.maximumTransferBytes + 256

    /// What `--qtest` names.
    private enum Endpoint { case standardStreams, socket(String) }

    /// Whether `text` names an endpoint; checked before the machine is built.
    static func check(_ text: String) throws(UsageError) { _ = try endpoint(text) }

    /// - Returns: the exit code.
    static func serve(_ machine: Machine, at text: String) throws(UsageError) -> Int32 {
        // A client that goes away is the end of the session, not of the process by a signal.
        signal(SIGPIPE, SIG_IGN)
        switch try endpoint(text) {
        case .standardStreams: converse(machine, reading: STDIN_FILENO, writing: STDOUT_FILENO)
        case .socket(let path):
            let client = try accept(path)
            converse(machine, reading: client, writing: client)
            close(client)
            unlink(path)
        }
        return 0
    }

    private static func endpoint(_ text: String) throws(UsageError) -> Endpoint {
        if text == "stdio" { return .standardStreams }
        guard text.hasPrefix("unix:"), text.utf8.count > 5 else {
            throw UsageError("--qtest \(text): expected stdio or unix:PATH")
        }
        return .socket(String(text.dropFirst(5)))
    }

    private static func accept(_ path: String) throws(UsageError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let isShort = withUnsafeMutableBytes(of: &address.sun_path) { buffer in
            guard path.utf8.count < buffer.count else { return false }
            buffer.copyBytes(from: path.utf8)
            return true
        }
        guard isShort else { throw UsageError("--qtest unix:\(path): the path is too long for a socket") }
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw failure(path, "make a socket") }
        defer { close(listener) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        guard bound == 0, chmod(path, 0o600) == 0, listen(listener, 1) == 0 else {
            throw failure(path, "listen")
        }
        while true {
            let client = Glibc.accept(listener, nil, nil)
            if client >= 0 { return client }
            guard errno == EINTR else { throw failure(path, "accept a client") }
        }
    }

    private static func failure(_ path: String, _ step: String) -> UsageError {
        UsageError("--qtest unix:\(path): cannot \(step): \(String(cString: strerror(errno)))")
    }

    private static func converse(_ machine: Machine, reading input: Int32, writing output: Int32) {
        let session = QTestSession(machine: machine)
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            for byte in buffer[..<count] {
                guard byte == UInt8(ascii: "\n") else {
                    guard line.count < maximumLineBytes else { return }
                    line.append(byte)
                    continue
                }
                for answer in session.handle(line: String(decoding: line, as: UTF8.self)) {
                    guard Output.write(answer + "\n", to: output) else { return }
                }
                line.removeAll(keepingCapacity: true)
            }
        }
    }
}
