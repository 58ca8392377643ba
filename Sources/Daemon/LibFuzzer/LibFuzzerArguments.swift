/// A harness's command line as libFuzzer reads it: flags of the form `-name=value`, and the rest, which are inputs.
///
/// Source: libFuzzer's documentation ("Options"), and what the binaries of LLVM 14 and 21 do. Never fails: what is wrong
/// is a warning, as there.
package struct LibFuzzerArguments: Sendable, Equatable {
    /// Numbers by flag, as given; the table has the defaults.
    private var integers: [String: Int] = [:]
    private var texts: [String: String] = [:]
    /// Arguments that are no flags: directories or files.
    package private(set) var inputs: [String] = []
    /// What libFuzzer would print while it reads, in its order.
    package private(set) var messages: [String] = []

    /// Reads the arguments behind the program's name.
    package init(_ arguments: [String]) {
        var saidThatDoubleDashIsIgnored = false
        for argument in arguments {
            guard argument.hasPrefix("-") else {
                inputs.append(argument)
                continue
            }
            if argument.hasPrefix("--") {
                if !saidThatDoubleDashIsIgnored { messages.append("INFO: libFuzzer ignores flags that start with '--'") }
                saidThatDoubleDashIsIgnored = true
                warnOfSecondDash(argument)
                continue
            }
            read(argument)
            if self["ignore_remaining_args"] != 0 { break }
        }
    }

    /// The number that a flag has: as given, else its default.
    package subscript(name: String) -> Int {
        guard let flag = LibFuzzerFlagTable.flag(named: name), case .integer(let standard) = flag.value else {
            preconditionFailure("-\(name) is no flag with a number")
        }
        return integers[name] ?? standard
    }

    /// Whether a flag that is a switch is on.
    package func isOn(_ name: String) -> Bool { self[name] != 0 }

    /// The text that a flag was given; `nil` where it was not.
    package func text(_ name: String) -> String? { texts[name] }

    /// Whether a flag was given at all, even with its default.
    package func wasGiven(_ name: String) -> Bool { integers[name] != nil || texts[name] != nil }

    private mutating func read(_ argument: String) {
        guard let (name, value) = Self.split(argument.dropFirst()), let flag = LibFuzzerFlagTable.flag(named: name) else {
            messages.append("\n\nWARNING: unrecognized flag '\(argument)'; use -help=1 to list all flags\n")
            return
        }
        switch flag.value {
        case .integer:
            integers[name] = Self.number(value)
            tell("Flag: \(name) \(Self.number(value))")
        case .text:
            texts[name] = value
            tell("Flag: \(name) \(value)")
        case .deprecated:
            messages.append("Flag: \(name): deprecated, don't use")
        }
    }

    private mutating func tell(_ text: String) {
        if self["verbosity"] >= 2 { messages.append(text) }
    }

    private mutating func warnOfSecondDash(_ argument: String) {
        let single = argument.dropFirst()
        guard let (name, _) = Self.split(single.dropFirst()), LibFuzzerFlagTable.flag(named: name) != nil else { return }
        messages.append("WARNING: did you mean '\(single)' (single dash)?")
    }

    /// `name=value` at its first equals sign.
    private static func split(_ text: Substring) -> (name: String, value: String)? {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    /// A number as far as there are digits; nothing is 0. Beyond 32 bits it stops at the largest.
    static func number(_ text: String) -> Int {
        let isNegative = text.hasPrefix("-")
        var value = 0
        for byte in text.utf8.dropFirst(isNegative ? 1 : 0) {
            guard (0x30...0x39).contains(byte) else { break }
            value = min(value * 10 + Int(byte - 0x30), Int(UInt32.max))
        }
        return isNegative ? -value : value
    }
}
