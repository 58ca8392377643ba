import ForkServer
import Glibc

/// A running `llvm-symbolizer`: one question, one answer, each within a time limit.
///
/// Source of its protocol: llvm-symbolizer's manual page, input on stdin, output style LLVM: a function's name and its
/// position on two lines for each frame, inlined ones first, then an empty line.
final class SymbolizerProcess {
    enum Failure: Error {
        case cannotStart, ended, tookTooLong
    }

    private let processID: pid_t
    private let channel: Int32
    /// Longer answers are nonsense.
    private static let answerLimitBytes = 1 << 20

    init(program: String) throws(Failure) {
        var ends: [Int32] = [-1, -1]
        // A socket, as writing to one whose other end is gone can be told not to raise a signal.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw .cannotStart
        }
        defer { close(ends[1]) }
        let symbolizer = HelperProgram(path: program, arguments: ["--inlines", "--demangle"])
        guard let child = try? symbolizer.start(input: ends[1], output: ends[1], errors: nil) else {
            close(ends[0])
            throw .cannotStart
        }
        processID = child
        channel = ends[0]
    }

    deinit {
        close(channel)
        kill(processID, SIGKILL)
        waitpid(processID, nil, 0)
    }

    /// The functions at an offset of an object, inlined ones first; empty if it does not know.
    ///
    /// - Parameter deadline: on the monotonic clock, in seconds.
    func functions(in path: String, at offset: UInt64, deadline: Double) throws(Failure) -> [StackFrame] {
        guard !path.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 < 32 }) else { return [] }
        try send(Array("\"\(path)\" 0x\(String(offset, radix: 16))\n".utf8))
        let answer = try receive(deadline: deadline)
        return Self.parse(answer, path: path, offset: offset)
    }

    private func send(_ bytes: [UInt8]) throws(Failure) {
        // Far smaller than a socket's buffer, which is empty: every answer was read before the next question.
        guard Glibc.send(channel, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw .ended }
    }

    private func receive(deadline: Double) throws(Failure) -> String {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !answer.ends(with: [10, 10]) {
            let remaining = deadline - CampaignClock.now()
            guard remaining > 0, answer.count < Self.answerLimitBytes else { throw .tookTooLong }
            var wanted = pollfd(fd: channel, events: Int16(POLLIN), revents: 0)
            let ready = poll(&wanted, 1, Int32(min(remaining * 1000 + 1, 60_000)))
            if ready < 0, errno != EINTR { throw .ended }
            guard ready > 0 else { continue }
            let count = read(channel, &buffer, buffer.count)
            guard count > 0 else { throw .ended }
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }

    static func parse(_ answer: String, path: String, offset: UInt64) -> [StackFrame] {
        let lines = answer.split(separator: "\n")
        var frames: [StackFrame] = []
        for index in stride(from: 0, to: lines.count - 1, by: 2) where lines[index] != "??" {
            let parts = lines[index + 1].split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 3 else { continue }
            let file = parts.dropLast(2).joined(separator: ":")
            let numbers = parts.suffix(2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
            let isKnown = file != "??" && numbers[0] > 0
            frames.append(
                StackFrame(
                    modulePath: path, offset: offset, function: demangle(String(lines[index])), file: isKnown ? file : nil,
                    line: isKnown ? numbers[0] : nil, column: isKnown && numbers[1] > 0 ? numbers[1] : nil,
                    isInlined: index + 2 < lines.count))
        }
        return frames
    }
}

extension [UInt8] {
    fileprivate func ends(with tail: [UInt8]) -> Bool { count >= tail.count && suffix(tail.count).elementsEqual(tail) }
}
