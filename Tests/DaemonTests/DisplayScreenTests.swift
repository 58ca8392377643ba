import Daemon
import Testing

@Suite struct DisplayScreenTests {
    let style = ScreenStyle(color: false, unicode: false)

    @Test func theScreenIsLeftBeforeTheSummary() throws {
        let output = RecordedOutput()
        let screen = LiveScreen(output: output, style: style)
        screen.started(DisplayFixtures.start())
        #expect(output.text.hasPrefix("\u{1B}[?1049h\u{1B}[?25l"))
        screen.finished(
            CampaignSummary(
                status: DisplayFixtures.status(), reason: "interrupted", artifacts: [], corpusDirectory: "c"))
        let leave = try #require(output.text.firstRange(of: "\u{1B}[?25h\u{1B}[?1049l"))
        let summary = try #require(output.text.firstRange(of: "campaign  virtio-blk-bugs"))
        #expect(leave.upperBound <= summary.lowerBound)
    }

    @Test func nothingIsWrittenWhileNothingChanges() {
        let output = RecordedOutput()
        let screen = LiveScreen(output: output, style: style)
        screen.started(DisplayFixtures.start())
        output.text = ""
        screen.tick(DisplayFixtures.status())
        #expect(output.text.isEmpty)
    }

    @Test func onlyAResizeClearsTheScreen() {
        let output = RecordedOutput()
        let screen = LiveScreen(output: output, style: style)
        screen.started(DisplayFixtures.start())
        var status = DisplayFixtures.status()
        status.executions += 1
        output.text = ""
        screen.tick(status)
        // Row 5 holds the executions; nothing else changed.
        #expect(output.text.hasPrefix("\u{1B}[5;1H"))
        #expect(output.text.filter { $0 == "\u{1B}" }.count == 2)
        #expect(!output.text.contains("\u{1B}[2J"))
        output.size = TerminalSize(width: 100, height: 40)
        output.text = ""
        screen.tick(status)
        #expect(output.text.hasPrefix("\u{1B}[2J\u{1B}[1;1H"))
    }

    @Test func eventsAppearOldestFirstAndReductionsDoNot() throws {
        let output = RecordedOutput()
        let screen = LiveScreen(output: output, style: style)
        screen.started(DisplayFixtures.start())
        let kept = KeptInput(sizeBytes: 777, largestBytes: 777, mutations: ["ChangeBit"])
        screen.event(.new(kept), status: DisplayFixtures.status())
        screen.event(
            .reduced(KeptInput(sizeBytes: 555, largestBytes: 777, mutations: [])),
            status: DisplayFixtures.status())
        output.text = ""
        screen.event(.paused, status: DisplayFixtures.status())
        screen.tick(DisplayFixtures.status())
        let new = try #require(output.text.firstRange(of: "new: 777 bytes"))
        let paused = try #require(output.text.firstRange(of: "1 h 02 min  paused"))
        #expect(new.lowerBound < paused.lowerBound)
        #expect(!output.text.contains("555"))
    }
}
