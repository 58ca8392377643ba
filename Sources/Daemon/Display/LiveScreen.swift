/// The live screen: redrawn in place on the terminal's alternate screen at every tick.
///
/// The summary is printed after the screen was left, so it stays in the scroll-back.
package final class LiveScreen: CampaignDisplay {
    private let output: any TerminalOutput
    private let style: ScreenStyle
    private var events: [String] = []
    private var isActive = false
    private var ticks = 0
    private var lastFrame: [String] = []
    private var lastSize = TerminalSize(width: 0, height: 0)

    /// More is never shown, however tall the terminal.
    static let keptEvents = 200
    /// A few seconds' worth.
    static let ticksBetweenFullFrames = 20

    package init(output: any TerminalOutput, style: ScreenStyle) {
        self.output = output
        self.style = style
    }

    package func started(_ start: CampaignStart) {
        output.write("\(TerminalGuard.enterSequence)")
        isActive = true
        let directories = start.corpusDirectories.joined(separator: ", ")
        add("\(SummaryText.plural(start.corpusFileCount, "file")) in \(directories)", start.status)
        if start.dictionaryEntries > 0 {
            add("dictionary with \(start.dictionaryEntries) entries", start.status)
        }
        tick(start.status)
    }

    package func event(_ event: CampaignDisplayEvent, status: CampaignStatus) {
        switch event {
        case .read(let units): add("running \(SummaryText.plural(units, "input")) of the corpus", status)
        case .initialised:
            add("corpus loaded: \(status.edgesCovered) edges, \(status.features) features", status)
        case .new(let kept):
            let mutations = kept.mutations.prefix(4).joined(separator: ", ")
            add("new: \(kept.sizeBytes) bytes, \(status.edgesCovered) edges (\(mutations))", status)
        case .reloaded(let files, let kept):
            add("ran \(SummaryText.plural(files, "input")) that others put into the corpus; \(kept) new", status)
        case .artifact(let report):
            add("\(report.artifact.kind.rawValue): \(report.artifact.summary)", status)
            tick(status)
        case .slowUnit(let seconds, _, _): add("an input took \(seconds) s", status)
        case .restarted(let worker, let reason):
            add("worker \(worker)'s machine was started again: \(reason)", status)
        case .paused: add("paused", status)
        case .resumed: add("resumed", status)
        case .warning(let text): add("warning: \(text)", status)
        case .info(let text): add(text, status)
        // Shorter inputs and heartbeats show in the numbers; as events they would hide the finds.
        case .reduced, .pulse, .newCode, .targetOutput, .written: break
        }
    }

    package func tick(_ status: CampaignStatus) {
        guard isActive else { return }
        ticks += 1
        // What a target or another program wrote across the screen goes away by itself.
        if ticks % Self.ticksBetweenFullFrames == 0 { forgetTerminal() }
        let size = output.size
        // A resize scrambles what is there; otherwise only lines that changed are overwritten, so nothing
        // flickers.
        let isResized = size != lastSize
        lastSize = size
        // One column stays free: erasing after a full row would take its last character on some terminals.
        let frame = ScreenFrame.render(
            status: status, events: events, width: size.width - 1, height: size.height, style: style)
        var text = isResized ? "\u{1B}[2J" : ""
        for row in 0..<max(frame.count, lastFrame.count) {
            let line = row < frame.count ? frame[row] : ""
            let isShown = !isResized && row < lastFrame.count && lastFrame[row] == line
            if !isShown { text += "\u{1B}[\(row + 1);1H\(line)\u{1B}[K" }
        }
        lastFrame = frame
        if !text.isEmpty { output.write(text) }
    }

    /// Makes the next tick draw every line: somebody else wrote to the terminal, or it was left for a while.
    package func forgetTerminal() {
        lastFrame = []
    }

    package func finished(_ summary: CampaignSummary) {
        if isActive {
            output.write("\(TerminalGuard.leaveSequence)")
            isActive = false
        }
        output.write(SummaryText.lines(summary).map { $0 + "\n" }.joined())
    }

    private func add(_ text: String, _ status: CampaignStatus) {
        events.append("\(HumanFormat.duration(seconds: status.elapsedSeconds))  \(text)")
        if events.count > Self.keptEvents { events.removeFirst(events.count - Self.keptEvents) }
    }
}
