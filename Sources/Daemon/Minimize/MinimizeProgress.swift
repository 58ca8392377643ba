import Fuzzing

/// Shows how far a minimisation is: a bar on a terminal, lines elsewhere. Owned by the thread that runs the candidates.
package final class MinimizeProgress {
    private let output: any TerminalOutput
    private let isBar: Bool
    private let startedAt = CampaignClock.now()
    private var drawnAt = 0.0
    private var isDrawn = false
    private var toldBytes: Int
    private var nextPulse: UInt64 = 1
    private static let redrawSeconds = 0.1
    private static let barWidth = 20
    /// On terminals narrower than this the bar has half the width.
    private static let narrowColumns = 60
    /// A line at most this often where something became smaller.
    private static let lineSeconds = 0.5

    init(output: any TerminalOutput, isBar: Bool, bytes: Int) {
        self.output = output
        self.isBar = isBar
        toldBytes = bytes
    }

    var elapsedSeconds: Double { CampaignClock.now() - startedAt }

    /// After each settled candidate.
    func show(_ minimizer: Minimizer) {
        let now = CampaignClock.now()
        if isBar {
            guard now - drawnAt >= Self.redrawSeconds else { return }
            drawnAt = now
            isDrawn = true
            output.write("\r\u{1B}[K" + bar(minimizer, width: output.size.width - 1))
            return
        }
        let isPulse = minimizer.tries >= nextPulse
        let isSmaller = minimizer.best.count < toldBytes && now - drawnAt >= Self.lineSeconds
        guard isPulse || isSmaller else { return }
        while nextPulse <= minimizer.tries { nextPulse *= 2 }
        drawnAt = now
        let word = minimizer.best.count < toldBytes ? "REDUCE" : "pulse "
        toldBytes = minimizer.best.count
        output.write("#\(minimizer.tries)\t\(word) \(state(minimizer))\n")
    }

    /// Leaves the terminal's line empty.
    func finish() {
        if isDrawn { output.write("\r\u{1B}[K") }
        isDrawn = false
    }

    private func bar(_ minimizer: Minimizer, width: Int) -> String {
        Self.line(
            width: width, share: minimizer.roundShare, size: minimizer.format.size(minimizer.best),
            place: "round \(minimizer.round), \(minimizer.passName)", tries: tries(minimizer), rate: rate(minimizer))
    }

    /// As much as fits, the least important left out first.
    package static func line(width: Int, share: Double, size: String, place: String, tries: String, rate: String) -> String {
        let columns = width < narrowColumns ? barWidth / 2 : barWidth
        let done = Int((Double(columns) * share).rounded(.down))
        let bar = "[" + String(repeating: "#", count: done) + String(repeating: ".", count: columns - done) + "] "
        let texts = [
            "\(bar)\(size); \(place); \(tries), \(rate)", "\(bar)\(size); \(place); \(tries)", "\(bar)\(size); \(tries)",
            "\(bar)\(size)", size,
        ]
        return texts.first { $0.count <= width } ?? TerminalText.keepingStart(size, width: width)
    }

    private func state(_ minimizer: Minimizer) -> String {
        "\(minimizer.format.size(minimizer.best)); round \(minimizer.round), \(minimizer.passName); "
            + "\(tries(minimizer)), \(rate(minimizer))"
    }

    private func tries(_ minimizer: Minimizer) -> String {
        minimizer.tries == 1 ? "1 try" : "\(HumanFormat.grouped(minimizer.tries)) tries"
    }

    private func rate(_ minimizer: Minimizer) -> String {
        HumanFormat.rate(Double(minimizer.tries) / max(0.001, elapsedSeconds))
    }
}
