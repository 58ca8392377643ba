import Glibc

/// Chooses the display of this process.
package enum DisplayChoice {
    /// The live screen on a terminal; libFuzzer's lines elsewhere and with `--plain`. Both write to
    /// standard error, where libFuzzer writes.
    package static func make(plain: Bool) -> any CampaignDisplay {
        let output = DescriptorOutput(descriptor: STDERR_FILENO)
        guard !plain, output.isCapableTerminal else { return PlainLog(output: output) }
        return GuardedScreen(
            screen: LiveScreen(
                output: output, style: ScreenStyle { name in getenv(name).map { String(cString: $0) } }),
            descriptor: STDERR_FILENO)
    }
}

/// A live screen on a real terminal, which is put back even if the daemon dies.
private final class GuardedScreen: CampaignDisplay {
    private let screen: LiveScreen
    private let descriptor: Int32

    init(screen: LiveScreen, descriptor: Int32) {
        self.screen = screen
        self.descriptor = descriptor
    }

    func started(_ start: CampaignStart) {
        TerminalGuard.install(descriptor: descriptor)
        screen.started(start)
    }

    func event(_ event: CampaignDisplayEvent, status: CampaignStatus) {
        redrawIfLeft()
        screen.event(event, status: status)
    }

    func tick(_ status: CampaignStatus) {
        redrawIfLeft()
        screen.tick(status)
    }

    private func redrawIfLeft() {
        if TerminalGuard.takeReturn() { screen.forgetTerminal() }
    }

    func finished(_ summary: CampaignSummary) {
        screen.finished(summary)
        TerminalGuard.remove()
    }

    deinit {
        // The campaign ended by an error after the screen was up.
        TerminalGuard.leaveNow()
    }
}
