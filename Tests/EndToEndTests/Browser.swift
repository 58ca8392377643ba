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
