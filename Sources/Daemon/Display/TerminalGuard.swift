import Glibc

/// Puts the terminal back however the daemon ends: fatal signals restore it, Ctrl-Z leaves the screen
/// while stopped.
///
/// Process-wide, because signals are. SIGINT and SIGTERM are the campaign's own and end in `finished`.
enum TerminalGuard {
    /// Alternate screen on, cursor off.
    static let enterSequence: StaticString = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J"
    /// Colours reset, cursor on, alternate screen off.
    static let leaveSequence: StaticString = "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"

    /// Starts guarding the terminal behind `descriptor`.
    static func install(descriptor: Int32) {
        guardedDescriptor = descriptor
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGQUIT] {
            setHandler(number, flags: Int32(bitPattern: UInt32(SA_RESETHAND))) { number in
                writeGuarded(TerminalGuard.leaveSequence)
                // Blocked until this returns; then it ends the process as it would have.
                raise(number)
            }
        }
        setHandler(SIGTSTP, flags: SA_RESTART) { _ in
            writeGuarded(TerminalGuard.leaveSequence)
            raise(SIGSTOP)
            writeGuarded(TerminalGuard.enterSequence)
            hasReturned = true
        }
    }

    /// Whether the screen was left and entered again (Ctrl-Z, `fg`) since the last call.
    static func takeReturn() -> Bool {
        guard hasReturned else { return false }
        hasReturned = false
        return true
    }

    /// Leaves the screen from a signal handler that is about to end the process.
    static func leaveFromSignalHandler() {
        writeGuarded(leaveSequence)
    }

    /// Leaves the screen if it is still guarded, for an end without a summary.
    static func leaveNow() {
        guard guardedDescriptor >= 0 else { return }
        writeGuarded(leaveSequence)
        remove()
    }

    /// Stops guarding; signals have their default effect again.
    static func remove() {
        guardedDescriptor = -1
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGQUIT, SIGTSTP] {
            signal(number, SIG_DFL)
        }
    }

    private static func setHandler(_ number: Int32, flags: Int32, _ body: @escaping __sighandler_t) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = body
        action.sa_flags = flags
        sigaction(number, &action, nil)
    }
}

// Read by signal handlers, so it is statically initialised and never behind a lock; -1 guards nothing.
nonisolated(unsafe) private var guardedDescriptor: Int32 = -1
nonisolated(unsafe) private var hasReturned = false

private func writeGuarded(_ sequence: StaticString) {
    guard guardedDescriptor >= 0 else { return }
    _ = write(guardedDescriptor, sequence.utf8Start, sequence.utf8CodeUnitCount)
}
