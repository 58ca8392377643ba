import Glibc

/// Signals in the modes that have no campaign (files, merge, minimise, cleanse): Ctrl-C and SIGTERM end the process with libFuzzer's
/// line and code, SIGUSR1 and SIGUSR2 are answered, and what is under way goes on, as there.
enum LibFuzzerSignals {
    /// Made before a signal can come: a handler must not allocate.
    nonisolated(unsafe) private static var interruptedLine: UnsafeMutableBufferPointer<UInt8>?
    nonisolated(unsafe) private static var gracefulLine: UnsafeMutableBufferPointer<UInt8>?

    /// Called once, before the harness is started. `-handle_int=0` and its like leave a signal as it is.
    static func install(_ arguments: LibFuzzerArguments) {
        interruptedLine = stored("==\(getpid())== libFuzzer: run interrupted; exiting\n")
        gracefulLine = stored("INFO: signal received, trying to exit gracefully\n")
        for (flag, number) in [("handle_int", SIGINT), ("handle_term", SIGTERM)] where arguments.isOn(flag) {
            handle(number) { _ in
                LibFuzzerSignals.write(LibFuzzerSignals.interruptedLine)
                _exit(LibFuzzerExitCode.interrupted)
            }
        }
        for (flag, number) in [("handle_usr1", SIGUSR1), ("handle_usr2", SIGUSR2)] where arguments.isOn(flag) {
            handle(number) { _ in
                let kept = errno
                LibFuzzerSignals.write(LibFuzzerSignals.gracefulLine)
                errno = kept
            }
        }
    }

    private static func handle(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        sigaction(number, &action, nil)
        // Who started this process may have left it blocked.
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    private static func stored(_ text: String) -> UnsafeMutableBufferPointer<UInt8> {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = bytes.initialize(from: text.utf8)
        return bytes
    }

    private static func write(_ line: UnsafeMutableBufferPointer<UInt8>?) {
        guard let line, let start = line.baseAddress else { return }
        _ = Glibc.write(STDERR_FILENO, start, line.count)
    }
}
