import Yams

/// What YAML makes of a value without quotes: nothing, text, or something else (a number, true or false, a date).
///
/// Yams tells by regular expressions, which take a millisecond to set up: as long as reading a config. Most values need none.
package enum PlainScalar {
    private static let nothing: Set<String> = ["", "~", "null", "Null", "NULL"]
    private static let booleans: Set<String> = [
        "yes", "Yes", "YES", "no", "No", "NO", "true", "True", "TRUE", "false", "False", "FALSE", "on", "On", "ON", "off", "Off", "OFF",
    ]

    package static func isNothing(_ value: String) -> Bool { nothing.contains(value) }

    package static func isText(_ value: String) -> Bool {
        if nothing.contains(value) || booleans.contains(value) { return false }
        guard mayBeNumber(value) else { return value != "=" && value != "<<" }
        return Resolver.default.resolveTag(of: Node(value)) == .str
    }

    /// Whether it begins like a number or a date: with a digit or a point, perhaps behind a sign.
    private static func mayBeNumber(_ value: String) -> Bool {
        var rest = value.utf8[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard let first = rest.first else { return false }
        return first == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    }
}
