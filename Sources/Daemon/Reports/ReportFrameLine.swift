import Foundation
import ForkServer

/// One `#N` line of a sanitizer's report, symbolised or not:
/// `#0 0x4f8e2c (/src/h+0xf8e2c) (BuildId: 12ab)`, `#0 0x4f8e2c in f(int) /src/h.c:7:3`, `#0 f /src/h.c:7 (h+0xf8e2c)`.
struct ReportFrameLine: Equatable {
    /// The number after `#`.
    var index: Int
    /// Absolute, as printed, `0x` included; empty where there is none.
    var address: String
    var function: String?
    /// `FILE:LINE:COLUMN` as printed.
    var source: String?
    /// Object and offset in it, where the line has them.
    var modulePath: String?
    var offset: UInt64?
    /// ` (BuildId: …)` as printed, or empty.
    var buildID: String

    /// `nil` if the line is no frame.
    init?(_ line: Substring) {
        var rest = line.drop { $0 == " " }
        guard line.first == " ", rest.first == "#" else { return nil }
        rest = rest.dropFirst()
        let digits = rest.prefix { $0.isNumber }
        guard let index = Int(digits), rest.dropFirst(digits.count).first == " " else { return nil }
        self.index = index
        rest = rest.dropFirst(digits.count).drop { $0 == " " }
        address = ""
        if rest.hasPrefix("0x") {
            let text = rest.prefix { $0 != " " }
            guard UInt64(text.dropFirst(2), radix: 16) != nil else { return nil }
            address = String(text)
            rest = rest.dropFirst(text.count).drop { $0 == " " }
        }
        if rest.hasPrefix("in ") { rest = rest.dropFirst(3) }
        buildID = ""
        if let start = rest.range(of: " (BuildId: ") {
            buildID = String(rest[start.lowerBound...])
            rest = rest[..<start.lowerBound]
        }
        rest = Self.takeModule(rest, path: &modulePath, offset: &offset)
        takeFunction(rest)
    }

    /// The frame, as far as the line tells it.
    var frame: StackFrame {
        let parts = (source ?? "").split(separator: ":", omittingEmptySubsequences: false)
        // A file's name may itself have colons: only the last two parts are numbers.
        let numbers = parts.dropFirst().suffix(2).compactMap { Int($0) }
        let file = parts.dropLast(numbers.count).joined(separator: ":")
        return StackFrame(
            modulePath: modulePath ?? "?", address: UInt64(address.dropFirst(2), radix: 16) ?? 0, offset: offset ?? 0,
            function: function, file: source == nil ? nil : file, line: numbers.first,
            column: numbers.count > 1 ? numbers[1] : nil)
    }

    /// Cuts `(MODULE+0xOFFSET)` off the end.
    private static func takeModule(_ text: Substring, path: inout String?, offset: inout UInt64?) -> Substring {
        guard text.hasSuffix(")"), let open = text.range(of: "(", options: .backwards),
            let plus = text.range(of: "+0x", options: .backwards), open.upperBound <= plus.lowerBound,
            let value = UInt64(text[plus.upperBound...].dropLast(), radix: 16)
        else { return text }
        path = String(text[open.upperBound..<plus.lowerBound])
        offset = value
        return text[..<open.lowerBound].trimmingSuffix()
    }

    private mutating func takeFunction(_ text: Substring) {
        guard !text.isEmpty, !text.hasPrefix("(<unknown module>)") else { return }
        // A function's name may have spaces, `f(unsigned long)`; a position is the last word and ends in a number.
        if let space = text.range(of: " ", options: .backwards) {
            let last = text[space.upperBound...]
            let hasLine = last.split(separator: ":").dropFirst().last.map { Int($0) != nil } ?? false
            if hasLine || last.hasPrefix("/") {
                source = String(last)
                function = String(text[..<space.lowerBound])
                return
            }
        }
        function = String(text)
    }
}

extension Substring {
    fileprivate func trimmingSuffix() -> Substring {
        var text = self
        while text.last == " " { text = text.dropLast() }
        return text
    }
}
