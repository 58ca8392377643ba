/// Function names for reading: what demanglers add to be exact, and readers pass over, is left out.
package enum ReadableName {
    /// `FlatView.index(of: UInt64) -> Int?` of `Machine.FlatView.index(of: Swift.UInt64) -> Swift.Optional<Swift.Int>`, more
    /// or less: names of the standard library's module go, and so do the marks of private declarations.
    package static func short(_ name: String) -> String {
        guard name.contains("Swift.") || name.contains(" in _") else { return name }
        return withoutPrivateMarks(name.replacing("Swift.", with: ""))
    }

    /// `(decode in _3882DA42907C6A5DA6D2FB6E8BE9D4BA)` is `decode`.
    private static func withoutPrivateMarks(_ name: String) -> String {
        var result = ""
        var rest = name[...]
        while let open = rest.firstIndex(of: "(") {
            let inside = rest[rest.index(after: open)...]
            let end = inside.firstIndex { !($0.isLetter || $0.isNumber || $0 == "_") } ?? inside.endIndex
            let mark = inside[end...].dropFirst(" in _".count)
            let digits = mark.prefix { $0.isHexDigit }
            result += rest[..<open]
            if inside[end...].hasPrefix(" in _"), digits.count == 32, mark.dropFirst(32).first == ")" {
                result += inside[..<end]
                rest = mark.dropFirst(33)
            } else {
                result.append("(")
                rest = inside
            }
        }
        return result + rest
    }
}
