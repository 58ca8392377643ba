import Foundation
import Glibc

/// One run of a program that speaks qtest on its standard streams: an ordinary `qemu-system-*`, or the built-in machine.
///
/// Used by one thread for one run; the program is gone when `run` returns. Its descriptors are its own, what it prints on standard
/// error is kept up to a limit.
struct QTestProcess {
    /// How a script is fed.
    enum Feeding: String, Sendable {
        /// At once, as a shell's pipe does.
        case piped
        /// Each line when the one before is answered, as libqtest does: the program's main loop turns in between.
        case stepped
    }

    /// How a run ended.
    enum End: Equatable, Sendable {
        /// Every command was answered, and nothing happened for a while.
        case answered
        case exited(Int32)
        case signalled(Int32)
        /// No answer within the time limit.
        case silent
        case tooLarge
        case notStarted(Int32)
    }

    struct Result: Sendable {
        var end: End
        /// Commands that were answered.
        var answers: Int
        /// The end of what was printed on standard error.
        var errorOutput: [UInt8]
    }

    let program: String
    let arguments: [String]
    /// Between two answers.
    var silenceSeconds = 5.0
    /// Until the first answer: a machine has to be made.
    var startSeconds = 30.0
    /// What the program may still do when all is answered: events that its main loop runs.
    var settleSeconds = 0.25
    var memoryBytes: UInt64 = 2 << 30

    private static let keptErrorBytes = 256 << 10
    private static let turnMilliseconds: Int32 = 20

    func run(_ lines: [String], _ feeding: Feeding) -> Result {
        var standardInput: [Int32] = [-1, -1]
        var output: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        // A socket, as writing to one whose other end is gone can be told not to raise a signal.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &standardInput) == 0,
            pipe(&output) == 0, pipe(&errors) == 0
        else { return Result(end: .notStarted(errno), answers: 0, errorOutput: []) }
        for descriptor in output + errors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let (process, failure) = spawn(standardInput[1], output[1], errors[1])
        for descriptor in [standardInput[1], output[1], errors[1]] { close(descriptor) }
        defer { for descriptor in [standardInput[0], output[0], errors[0]] { close(descriptor) } }
        guard let process else { return Result(end: .notStarted(failure), answers: 0, errorOutput: []) }
        for descriptor in [output[0], errors[0]] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        var conversation = Conversation(
            lines: lines, feeding: feeding, input: standardInput[0], output: output[0], errors: errors[0],
            keptErrorBytes: Self.keptErrorBytes)
        let end = watch(process, &conversation)
        return Result(end: end, answers: conversation.answers, errorOutput: conversation.errorOutput)
    }

    private func watch(_ process: pid_t, _ conversation: inout Conversation) -> End {
        let start = CampaignClock.now()
        var lastAnswer = start
        var answers = 0
        while true {
            conversation.turn(milliseconds: Self.turnMilliseconds)
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) == process {
                conversation.drain()
                kill(-process, SIGKILL)
                let signal = status & 0x7f
                return signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
            }
            let now = CampaignClock.now()
            if conversation.answers > answers { (answers, lastAnswer) = (conversation.answers, now) }
            if conversation.isAnswered {
                guard now - lastAnswer > settleSeconds else { continue }
                return finish(process, .answered)
            }
            if now - lastAnswer > (answers == 0 ? startSeconds : silenceSeconds) { return finish(process, .silent) }
            if resident(process) > memoryBytes { return finish(process, .tooLarge) }
        }
    }

    private func finish(_ process: pid_t, _ end: End) -> End {
        kill(-process, SIGKILL)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
        return end
    }

    private func resident(_ process: pid_t) -> UInt64 {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8) else { return 0 }
        let words = text.split(separator: " ")
        return words.count > 1 ? (UInt64(words[1]) ?? 0) * UInt64(getpagesize()) : 0
    }

    private func spawn(_ standardInput: Int32, _ output: Int32, _ errors: Int32) -> (pid_t?, Int32) {
        // A backtrace would take seconds for every crash of a Swift program.
        let environment = currentEnvironment() + ["SWIFT_BACKTRACE=enable=no"]
        let machine = HelperProgram(path: program, arguments: arguments, environment: environment)
        do {
            return (try machine.start(input: standardInput, output: output, errors: errors), 0)
        } catch {
            return (nil, error.errorNumber)
        }
    }
}
