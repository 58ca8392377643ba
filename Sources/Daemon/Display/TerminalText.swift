/// Text that goes to a terminal but was not written by us: paths, stack frames, messages of the target.
package enum TerminalText {
    /// Replaces control characters, so that nothing that an input produced can steer the terminal.
    package static func sanitised(_ text: String) -> String {
        var result = ""
        result.unicodeScalars.reserveCapacity(text.unicodeScalars.count)
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            result.unicodeScalars.append(isControl ? "?" : scalar)
        }
        return result
    }

    /// At most `width` columns; the start gives way, because the end of a path tells files apart.
    package static func keepingEnd(_ text: String, width: Int) -> String {
        guard text.count > width else { return text }
        guard width > 3 else { return String(text.suffix(max(0, width))) }
        return "..." + text.suffix(width - 3)
    }

    /// At most `width` columns; the end gives way.
    package static func keepingStart(_ text: String, width: Int) -> String {
        guard text.count > width else { return text }
        guard width > 3 else { return String(text.prefix(max(0, width))) }
        return text.prefix(width - 3) + "..."
    }

    /// A shell command on at most `rows` lines, broken at spaces with a backslash, so that it can be
    /// copied whole. Only where that does not fit does its start give way.
    package static func wrappedCommand(_ command: String, width: Int, rows: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in command.split(separator: " ") {
            if !line.isEmpty && line.count + 1 + word.count + 2 > width {
                lines.append(line + " \\")
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        let fits = lines.count <= rows && lines.allSatisfy { $0.count <= width }
        return fits ? lines : [keepingEnd(command, width: width)]
    }

    /// Exactly `width` columns: cut or filled with spaces.
    package static func padded(_ text: String, width: Int) -> String {
        let cut = keepingStart(text, width: width)
        return cut + String(repeating: " ", count: max(0, width - cut.count))
    }
}
