import Foundation
import Synchronization

/// What other threads may ask of the campaign loop, and what it last told of itself.
///
/// Shared between the loop's thread and the control API's; never blocks either for longer than a copy takes.
package final class CampaignControl: Sendable {
    private struct State {
        var isStopRequested = false
        var isPauseRequested = false
        var status: CampaignStatus?
    }

    private let state = Mutex(State())

    package init() {}

    package var isStopRequested: Bool { state.withLock { $0.isStopRequested } }
    package var isPauseRequested: Bool { state.withLock { $0.isPauseRequested } }

    package func requestStop() { state.withLock { $0.isStopRequested = true } }
    package func requestPause() { state.withLock { $0.isPauseRequested = true } }
    package func requestResume() { state.withLock { $0.isPauseRequested = false } }

    package func publish(_ status: CampaignStatus) { state.withLock { $0.status = status } }
    package var status: CampaignStatus? { state.withLock { $0.status } }
}

/// Ctrl-C and SIGTERM ask the campaign to stop; a second one ends the daemon at once.
enum StopSignals {
    nonisolated(unsafe) private static var count: Int32 = 0

    /// SIGUSR1 or SIGUSR2 asked for an end with all that belongs to it.
    nonisolated(unsafe) private(set) static var isGraceful = false

    /// Signals taken since `install`.
    static var areRaised: Bool { count > 0 }

    static func install(_ signals: Set<Int32> = [SIGINT, SIGTERM]) {
        count = 0
        isGraceful = false
        for number in signals.sorted() {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in
                if signal == SIGUSR1 || signal == SIGUSR2 { return StopSignals.isGraceful = true }
                StopSignals.count &+= 1
                if StopSignals.count > 1 {
                    TerminalGuard.leaveFromSignalHandler()
                    _exit(130)
                }
            }
            sigaction(number, &action, nil)
        }
        // Who started this process may have left them blocked, as Dispatch's threads do.
        var stopping = sigset_t()
        sigemptyset(&stopping)
        for number in signals { sigaddset(&stopping, number) }
        pthread_sigmask(SIG_UNBLOCK, &stopping, nil)
    }

    /// Signals that a failed write sends; called before anything is written.
    static func ignoreThoseOfFailedWrites() {
        // A terminal or a reader that went away must not end the campaign.
        signal(SIGPIPE, SIG_IGN)
        // Then the write fails with EFBIG, which is told and survived like a full disk.
        signal(SIGXFSZ, SIG_IGN)
    }
}
