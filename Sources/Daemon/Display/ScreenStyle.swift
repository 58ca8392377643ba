/// What the terminal can show. A value, so that frames are a pure function of it.
package struct ScreenStyle: Sendable, Equatable {
    package var color: Bool
    /// Box-drawing characters instead of `+-|`.
    package var unicode: Bool

    package init(color: Bool, unicode: Bool) {
        self.color = color
        self.unicode = unicode
    }

    /// What the environment asks for: `NO_COLOR` (any value but the empty one, see no-color.org), and a
    /// locale in UTF-8.
    package init(environment: (String) -> String?) {
        color = (environment("NO_COLOR") ?? "").isEmpty
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].lazy
            .compactMap(environment).first { !$0.isEmpty } ?? ""
        let folded = locale.lowercased()
        unicode = folded.contains("utf-8") || folded.contains("utf8")
    }

    enum Tone {
        case plain, label, heading, good, bad, dim
    }

    /// `text` in a colour of the terminal's own palette, which works on dark and light grounds.
    func paint(_ text: String, _ tone: Tone) -> String {
        guard color, !text.isEmpty else { return text }
        let code: String
        switch tone {
        case .plain: return text
        case .label: code = "36"
        case .heading: code = "1"
        case .good: code = "32"
        case .bad: code = "1;31"
        case .dim: code = "2"
        }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    var horizontal: String { unicode ? "─" : "-" }
    var vertical: String { unicode ? "│" : "|" }

    /// Where a rule meets the frame: left, middle, right.
    func joints(_ position: RulePosition) -> (left: String, middle: String, right: String) {
        guard unicode else { return ("+", "+", "+") }
        switch position {
        case .top: return ("┌", "┬", "┐")
        case .cross: return ("├", "┼", "┤")
        case .joining: return ("├", "┴", "┤")
        case .plain: return ("├", "─", "┤")
        case .bottom: return ("└", "─", "┘")
        }
    }

    enum RulePosition {
        case top, cross, joining, plain, bottom
    }
}
