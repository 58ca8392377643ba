/// One picture of the live screen. Pure: the same status, events and size always give the same lines.
package enum ScreenFrame {
    /// Below this the boxes make no sense and one column is shown.
    static let smallestBoxedSize = TerminalSize(width: 64, height: 18)
    /// Wider terminals stay empty at the right: long rows are hard to read.
    static let largestWidth = 140

    /// At most `height` lines of at most `width` columns each (escape sequences not counted).
    ///
    /// - Parameter events: newest last.
    package static func render(
        status: CampaignStatus, events: [String] = [], width: Int, height: Int, style: ScreenStyle
    ) -> [String] {
        guard width > 0, height > 0 else { return [] }
        let boxed = width >= smallestBoxedSize.width && height >= smallestBoxedSize.height
        guard boxed else {
            return narrow(status: status, width: width, height: height, style: style)
        }
        return Boxes(width: min(width, largestWidth), style: style)
            .lines(status: status, events: events, height: height)
    }

    /// The facts one below the other, most important first.
    private static func narrow(
        status: CampaignStatus, width: Int, height: Int, style: ScreenStyle
    ) -> [String] {
        let cells =
            [ScreenCell("state", "\(status.state.rawValue) \(status.name)")]
            + ScreenCell.results(status) + ScreenCell.process(status) + ScreenCell.time(status)
            + ScreenCell.children(status)
        var lines = cells.map { $0.text(width: width, style: style) }
        if let artifact = status.lastArtifact {
            let text = TerminalText.sanitised(artifact.reproduceCommand)
            lines.insert(TerminalText.keepingEnd(text, width: width), at: min(5, lines.count))
        }
        lines = Array(lines.prefix(max(0, height - 1)))
        lines.append(style.paint(TerminalText.keepingStart("Ctrl-C stops and saves", width: width), .dim))
        return lines
    }
}

/// The boxed form of the screen.
private struct Boxes {
    let width: Int
    let style: ScreenStyle

    /// Columns inside the left and the right half: three bars divide the width.
    private var leftWidth: Int { (width - 3) / 2 }
    private var rightWidth: Int { width - 3 - leftWidth }

    func lines(status: CampaignStatus, events: [String], height: Int) -> [String] {
        var lines = [title(status), rule(.top, "process", "results")]
        lines += halves(ScreenCell.process(status), ScreenCell.results(status))
        lines.append(rule(.cross, "time", "children"))
        lines += halves(ScreenCell.time(status), ScreenCell.children(status))
        lines.append(rule(.joining, "last artifact"))
        lines += artifact(status)
        // What is left of the height shows events; the bottom rule and the hint come after.
        let room = height - lines.count - 3
        if room > 0 {
            lines.append(rule(.plain, "recent events"))
            let shown = Array(events.suffix(room))
            for index in 0..<room {
                let text = index < shown.count ? TerminalText.sanitised(shown[index]) : ""
                lines.append(full(text, .plain))
            }
        }
        lines.append(rule(.bottom))
        lines.append(style.paint(" Ctrl-C stops and saves", .dim))
        return lines
    }

    private func title(_ status: CampaignStatus) -> String {
        let workers = SummaryText.plural(status.workers, "worker")
        let name = " fuzzd  \(status.name)  (\(status.harness), \(status.resetStrategy), \(workers))"
        let state = "[\(status.state.rawValue)] "
        let left = TerminalText.padded(TerminalText.sanitised(name), width: width - state.count)
        return style.paint(left, .heading) + style.paint(state, status.state == .fuzzing ? .good : .heading)
    }

    private func rule(
        _ position: ScreenStyle.RulePosition, _ left: String = "", _ right: String? = nil
    ) -> String {
        let joints = style.joints(position)
        // A heading on the right needs its own half; without one only the joint stands there.
        let middle = right == nil && position != .joining ? style.horizontal : joints.middle
        return style.paint(
            joints.left + segment(left, leftWidth) + middle + segment(right ?? "", rightWidth)
                + joints.right, .dim)
    }

    private func segment(_ heading: String, _ width: Int) -> String {
        let text = heading.isEmpty ? "" : "\(style.horizontal) \(heading) "
        return text + String(repeating: style.horizontal, count: max(0, width - text.count))
    }

    private func halves(_ left: [ScreenCell], _ right: [ScreenCell]) -> [String] {
        let bar = style.paint(style.vertical, .dim)
        return (0..<max(left.count, right.count)).map { row in
            let first = row < left.count ? left[row] : ScreenCell("", "")
            let second = row < right.count ? right[row] : ScreenCell("", "")
            return bar + " " + first.text(width: leftWidth - 1, style: style) + bar + " "
                + second.text(width: rightWidth - 1, style: style) + bar
        }
    }

    private func artifact(_ status: CampaignStatus) -> [String] {
        let commandRows = 2
        guard let artifact = status.lastArtifact else {
            return [full("none yet", .dim)] + Array(repeating: full("", .plain), count: 1 + commandRows)
        }
        let inside = width - 4
        let path = TerminalText.keepingEnd(TerminalText.sanitised(artifact.path), width: inside)
        let command = TerminalText.wrappedCommand(
            TerminalText.sanitised(artifact.reproduceCommand), width: inside, rows: commandRows)
        return [full(path, .bad), full(TerminalText.sanitised(artifact.summary), .plain)]
            + (0..<commandRows).map { full($0 < command.count ? command[$0] : "", .plain) }
    }

    private func full(_ text: String, _ tone: ScreenStyle.Tone) -> String {
        let bar = style.paint(style.vertical, .dim)
        return bar + " " + style.paint(TerminalText.padded(text, width: width - 3), tone) + bar
    }
}
