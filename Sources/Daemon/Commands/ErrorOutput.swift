import Foundation

/// Standard error, line by line. What a file's name could do to a terminal is taken out.
enum ErrorOutput {
    static func print(_ line: String) {
        FileHandle.standardError.write(Data((TerminalText.sanitised(line) + "\n").utf8))
    }
}
