import Foundation
import Testing

/// A headless Chromium that looks at a page (Debian's package chromium, which `scripts/install-prerequisites test` installs).
enum Browser {
    struct View {
        /// The document as the browser understood it.
        var document: String
        /// What the page said to the console; errors and what could not be loaded among it.
        var console: [String]
        /// Bytes of a screenshot as PNG.
        var screenshotBytes: Int
    }

    static let program = ["chromium", "chromium-browser", "google-chrome"].lazy.flatMap { name in
        ["/usr/bin/", "/usr/local/bin/", "/snap/bin/"].map { $0 + name }
    }.first { FileManager.default.isExecutableFile(atPath: $0) }

    static let isThere: Bool = {
        if program == nil { print("SKIPPED: no chromium; install Debian's package of that name to have pages looked at") }
        return program != nil
    }()

    /// Opens a page in a window of that size.
    static func look(at page: String, width: Int, height: Int, scratch: String) throws -> View {
        let screenshot = scratch + "/screenshot-\(UUID().uuidString.prefix(8)).png"
        let window = ["--window-size=\(width),\(height)", "--hide-scrollbars"]
        let shown = try run(window + ["--enable-logging=stderr", "--dump-dom", "file://" + page], scratch)
        _ = try run(window + ["--screenshot=\(screenshot)", "file://" + page], scratch)
        let size = try FileManager.default.attributesOfItem(atPath: screenshot)[.size] as? Int
        return View(
            document: shown.output, console: shown.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }.map(String.init),
            screenshotBytes: size ?? 0)
    }

    /// In a narrow and in a wide window the document is whole, the console silent, the screenshot not empty, and nothing wider
    /// than the window.
    static func expectWhole(_ page: String, contains expected: [String], _ workspace: Workspace) throws {
        // A copy that tells how wide it is.
        let text = try String(contentsOfFile: page, encoding: .utf8)
        let measured = try workspace.write(
            text.replacing(
                "</body>",
                with: "<script>document.body.dataset.width = "
                    + "Math.max(0, document.documentElement.scrollWidth - innerWidth)</script></body>"),
            to: "measured.html")
        let empty = try workspace.write("<!doctype html><title>e</title>", to: "empty.html")
        for width in [500, 1280] {
            let view = try look(at: page, width: width, height: 2400, scratch: workspace.directory)
            #expect(view.console.isEmpty, "\(view.console)")
            for text in expected { #expect(view.document.contains(text), "\(text)") }
            let blank = try look(at: empty, width: width, height: 2400, scratch: workspace.directory)
            #expect(view.screenshotBytes > 5 * blank.screenshotBytes, "\(view.screenshotBytes) and \(blank.screenshotBytes)")
            let copy = try look(at: measured, width: width, height: 2400, scratch: workspace.directory)
            let excess = copy.document.split(separator: "data-width=\"").dropFirst().first?.prefix { $0 != "\"" }
            #expect(excess == "0", "pixels that the page is wider than a window of \(width)")
        }
    }

    private static func run(_ arguments: [String], _ scratch: String) throws -> (output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        // A sandbox needs rights that containers do not give; the pages are our own.
        process.arguments =
            ["-k", "5", "180", try #require(program), "--headless", "--no-sandbox", "--disable-gpu"]
            + ["--disable-dev-shm-usage", "--user-data-dir=\(scratch)/browser"] + arguments
        let (output, errors) = (scratch + "/browser-output", scratch + "/browser-errors")
        for path in [output, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        func text(_ path: String) -> String { String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self) }
        #expect(process.terminationStatus == 0, "\(text(errors).suffix(1000))")
        return (text(output), text(errors))
    }
}
