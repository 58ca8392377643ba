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

    /// Exactly `width` columns: cut or filled with spaces.
    package static func padded(_ text: String, width: Int) -> String {
        let cut = keepingStart(text, width: width)
        return cut + String(repeating: " ", count: max(0, width - cut.count))
    }
}
