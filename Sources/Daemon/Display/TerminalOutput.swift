import Glibc

/// Where a display writes: a descriptor in production, an array in tests.
package protocol TerminalOutput: AnyObject {
    /// Writes all of it at once where that is possible; failures are ignored.
    func write(_ text: String)
    /// Present size in columns and rows.
    var size: TerminalSize { get }
}

/// Columns and rows of a terminal.
package struct TerminalSize: Sendable, Equatable {
    package var width: Int
    package var height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// What is assumed where nothing is known.
    package static let standard = TerminalSize(width: 80, height: 24)
}

/// Writes to a descriptor. A terminal that went away never ends a campaign: errors are dropped.
package final class DescriptorOutput: TerminalOutput {
    private let descriptor: Int32

    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    package func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Asked anew for every frame, which is all that following a resize takes.
    package var size: TerminalSize {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return .standard
        }
        return TerminalSize(width: Int(window.ws_col), height: Int(window.ws_row))
    }

    /// Whether a live screen makes sense here.
    package var isCapableTerminal: Bool {
        guard isatty(descriptor) == 1, let terminal = getenv("TERM") else { return false }
        return String(cString: terminal) != "dumb"
    }
}
