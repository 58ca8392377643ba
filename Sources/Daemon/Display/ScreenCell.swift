import Storage

/// A label and its value on the live screen.
struct ScreenCell {
    var label: String
    var value: String
    var tone: ScreenStyle.Tone

    static let labelWidth = 13

    init(_ label: String, _ value: String, _ tone: ScreenStyle.Tone = .plain) {
        self.label = label
        self.value = value
        self.tone = tone
    }

    /// Exactly `width` columns.
    func text(width: Int, style: ScreenStyle) -> String {
        let labelWidth = min(Self.labelWidth, width)
        return style.paint(TerminalText.padded(label, width: labelWidth), .label)
            + style.paint(TerminalText.padded(value, width: width - labelWidth), tone)
    }

    static func process(_ status: CampaignStatus) -> [ScreenCell] {
        let find = status.secondsSinceLastFind.map { HumanFormat.duration(seconds: $0) + " ago" }
        let average = HumanFormat.count(status.averageExecutionsPerSecond)
        return [
            ScreenCell("run time", HumanFormat.duration(seconds: status.elapsedSeconds)),
            ScreenCell("last find", find ?? "none yet"),
            ScreenCell("executions", HumanFormat.grouped(status.executions)),
            ScreenCell("exec/s", "\(HumanFormat.count(status.executionsPerSecond)) (average \(average))"),
            ScreenCell("operations/s", HumanFormat.count(status.operationsPerSecond)),
        ]
    }

    static func results(_ status: CampaignStatus) -> [ScreenCell] {
        let artifacts = ArtifactKind.allCases.filter { status.artifacts[$0] > 0 }
            .map { "\(status.artifacts[$0]) \($0.rawValue)" }.joined(separator: ", ")
        let total = status.edgesTotal
        let share = total > 0 ? " (\(HumanFormat.percent(Double(status.edgesCovered) / Double(total))))" : ""
        return [
            ScreenCell("coverage", "\(status.edgesCovered) of \(total)\(share)"),
            ScreenCell("features", HumanFormat.grouped(UInt64(max(0, status.features)))),
            ScreenCell(
                "corpus",
                SummaryText.plural(status.corpusCount, "input") + ", " + HumanFormat.bytes(status.corpusBytes)
            ),
            ScreenCell("limit", HumanFormat.bytes(status.lengthLimitBytes)),
            ScreenCell(
                "artifacts", artifacts.isEmpty ? "none" : artifacts, artifacts.isEmpty ? .plain : .bad),
        ]
    }

    static func time(_ status: CampaignStatus) -> [ScreenCell] {
        let time = status.time
        let total = Double(max(1, time.totalNanoseconds))
        let share = { (part: UInt64) in HumanFormat.percent(Double(part) / total) }
        return [
            ScreenCell("child", "\(share(time.childNanoseconds)), fork \(share(time.forkNanoseconds))"),
            ScreenCell(
                "reaping", "\(share(time.reapingNanoseconds)), hand-over \(share(time.handOverNanoseconds))"),
            ScreenCell("overhead", HumanFormat.percent(status.overhead)),
        ]
    }

    static func children(_ status: CampaignStatus) -> [ScreenCell] {
        let killed = status.childrenKilled
        var others: [String] = []
        if killed.fileSize > 0 { others.append("\(killed.fileSize) file size") }
        if killed.processes > 0 { others.append("\(killed.processes) processes") }
        if killed.outputDropped > 0 { others.append("\(killed.outputDropped) output") }
        if killed.exitedEarly > 0 { others.append("\(killed.exitedEarly) exited") }
        if status.machineParentRestarts > 0 { others.append("\(status.machineParentRestarts) restarts") }
        if let replaced = status.replacedRunners { others.append("\(replaced.count) replaced") }
        return [
            ScreenCell("timeouts", "\(killed.inputTimeout) input, \(killed.operationTimeout) operation"),
            ScreenCell("killed", "\(killed.crashed) crash, \(killed.memory) memory"),
            ScreenCell("others", others.isEmpty ? "none" : others.joined(separator: ", ")),
        ]
    }
}
