/// Function names for reading: what demanglers add to be exact, and readers pass over, is left out.
package enum ReadableName {
    private static let specializations = ["function signature specialization <", "generic specialization <", "merged "]

    /// `FlatView.index(of: UInt64) -> Int?` of `Machine.FlatView.index(of: Swift.UInt64) -> Swift.Optional<Swift.Int>`, more
    /// or less: names of the standard library's module go, and so do the marks of private declarations and of what the
    /// compiler specialised.
    package static func short(_ name: String) -> String {
        let plain = withoutSpecialization(name)
        guard plain.contains("Swift.") || plain.contains(" in _") else { return plain }
        return withoutPrivateMarks(plain.replacing("Swift.", with: ""))
    }

    /// `generic specialization <Swift.Int> of f<A>(A) -> ()` is `f<A>(A) -> ()`.
    static func withoutSpecialization(_ name: String) -> String {
        var rest = name[...]
        while let mark = specializations.first(where: { rest.hasPrefix($0) }) {
            let inside = rest.dropFirst(mark.count)
            guard mark.hasSuffix("<") else {
                rest = inside
                continue
            }
            var depth = 1
            var previous: Character = " "
            let end = inside.firstIndex { character in
                // An arrow of a function's type closes nothing.
                if character == "<" { depth += 1 }
                if character == ">", previous != "-" { depth -= 1 }
                previous = character
                return depth == 0
            }
            guard let end, inside[end...].hasPrefix("> of ") else { break }
            rest = inside[end...].dropFirst("> of ".count)
        }
        return String(rest)
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
