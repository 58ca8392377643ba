import Daemon
import Foundation
import Testing

@Suite struct ComparePageTests {
    @Test func thePageIsOneFileWithoutNetworkOrScripts() {
        let html = CompareReportTests.report().html
        for word in ["http://", "https://", "<script", "@import", "url(", "src="] {
            #expect(!html.contains(word), "\(word)")
        }
        #expect(html.hasPrefix("<!doctype html>"))
        #expect(html.contains("prefers-color-scheme: dark"))
        #expect(html.contains("width=device-width"))
    }

    @Test func textFromOutsideIsEscaped() {
        var report = CompareReportTests.report()
        report.subject.campaign = "<b>&\"'"
        let html = report.html
        #expect(html.contains("a&lt;i&gt;") && !html.contains("a<i>"))
        #expect(html.contains("&lt;b&gt;&amp;&quot;&#39;"))
    }

    @Test func barsAreInProportion() {
        let html = CompareReportTests.report().html
        // 264 units are the fastest round; medians are 1/1.05 of it, and fork a fifth of that.
        #expect(html.contains("width=\"251.4\" height=\"16.0\""))
        #expect(html.contains("width=\"50.3\" height=\"16.0\""))
        #expect(html.components(separatedBy: "class=\"phase1\" x=").count == 4)
    }

    @Test func everythingAtZeroIsStillAPage() {
        let report = CompareReport(
            subject: CompareReportTests.report().subject,
            rounds: [
                RoundMeasurement(
                    strategy: .fork, round: 0, executions: 0, operations: 0, elapsedNanoseconds: 0,
                    time: TimeShares())
            ], inputs: [])
        #expect(!report.html.contains("nan") && !report.html.contains("inf\""))
        #expect(report.html.contains("None: every reset left nothing behind."))
    }

    /// Writes the page where a developer wants to look at it.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["COMPARE_PAGE"] != nil))
    func writeThePage() throws {
        let path = try #require(ProcessInfo.processInfo.environment["COMPARE_PAGE"])
        try CompareReportTests.report().html.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(FileManager.default.fileExists(atPath: path))
    }
}
