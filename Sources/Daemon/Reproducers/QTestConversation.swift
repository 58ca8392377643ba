import Glibc

/// The two sides of a script's way through a program: lines in, answers out. Owned by `QTestProcess`; closes nothing.
struct Conversation {
    private let lineCount: Int
    private let feeding: QTestProcess.Feeding
    private let input: Int32
    private let output: Int32
    private let errors: Int32
    private let keptErrorBytes: Int
    /// Lines with their ends, and how far they are sent.
    private let script: [[UInt8]]
    private var nextLine = 0
    private var pending: ArraySlice<UInt8> = []
    private var isInputClosed = false
    private var partialAnswer: [UInt8] = []
    private(set) var answers = 0
    private(set) var errorOutput: [UInt8] = []

    init(
        lines: [String], feeding: QTestProcess.Feeding, input: Int32, output: Int32, errors: Int32, keptErrorBytes: Int
    ) {
        lineCount = lines.count
        self.feeding = feeding
        (self.input, self.output, self.errors, self.keptErrorBytes) = (input, output, errors, keptErrorBytes)
        let ended = lines.map { Array($0.utf8) + [10] }
        script = feeding == .piped ? [Array(ended.joined())] : ended
    }

    var isAnswered: Bool { answers >= lineCount }

    /// Sends and takes what can be had, and waits no longer than given.
    mutating func turn(milliseconds: Int32) {
        prepareNextLine()
        let wantsToSend = !pending.isEmpty && !isInputClosed
        var polled = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wantsToSend ? input : -1, events: Int16(POLLOUT), revents: 0),
        ]
        guard poll(&polled, UInt(polled.count), milliseconds) > 0 else { return }
        if polled[2].revents != 0 { send() }
        drain()
        // A program that closed both and lives would be asked without a pause.
        if polled[0].revents & Int16(POLLHUP) != 0, polled[1].revents & Int16(POLLHUP) != 0 { usleep(1000) }
    }

    /// Takes what is there.
    mutating func drain() {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { break }
            for byte in buffer[..<count] { take(byte) }
        }
        while true {
            let count = read(errors, &buffer, buffer.count)
            guard count > 0 else { break }
            errorOutput += buffer[..<count]
            if errorOutput.count > 2 * keptErrorBytes { errorOutput.removeFirst(errorOutput.count - keptErrorBytes) }
        }
    }

    private mutating func prepareNextLine() {
        guard pending.isEmpty, !isInputClosed else { return }
        let isDue = feeding == .piped || nextLine <= answers
        if nextLine < script.count, isDue {
            pending = script[nextLine][...]
            nextLine += 1
        } else if nextLine == script.count, feeding == .piped {
            shutdown(input, Int32(SHUT_WR))
            isInputClosed = true
        }
    }

    private mutating func send() {
        let bytes = Array(pending.prefix(65536))
        let count = Glibc.send(input, bytes, bytes.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL | MSG_DONTWAIT))
        if count > 0 { pending = pending.dropFirst(count) } else if errno != EAGAIN, errno != EINTR { isInputClosed = true }
    }

    /// An answer begins with OK, FAIL or ERR; interrupts are told on lines of their own.
    private mutating func take(_ byte: UInt8) {
        guard byte == 10 else {
            if partialAnswer.count < 8 { partialAnswer.append(byte) }
            return
        }
        let word = partialAnswer.prefix { $0 != 32 && $0 != 13 }
        if ["OK", "FAIL", "ERR"].contains(where: { word.elementsEqual($0.utf8) }) { answers += 1 }
        partialAnswer = []
    }
}
