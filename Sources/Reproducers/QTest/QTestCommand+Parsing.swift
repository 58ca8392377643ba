/// Why a text is no command, no trace or no test.
package struct QTestSyntaxError: Error, Equatable, Sendable {
    /// Counted from 1; 0 where one line alone was parsed.
    package var line: Int
    package var problem: String

    package init(line: Int = 0, _ problem: String) {
        self.line = line
        self.problem = problem
    }
}

extension QTestCommand {
    /// Bytes that one command moves at most.
    package static let maximumBytes = 64 << 20
    private static let widths: [(suffix: Character, size: Int)] = [("b", 1), ("w", 2), ("l", 4), ("q", 8)]

    /// Reads a line of the protocol, without comment.
    package init(parsing line: String) throws(QTestSyntaxError) {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let name = words.first else { throw QTestSyntaxError("an empty line is no command") }
        let arguments = Arguments(name: name, words: Array(words.dropFirst()))
        if let access = try Self.access(arguments) { self = access; return }
        switch name {
        case "read":
            try arguments.expect(2)
            self = .bytesRead(address: try arguments.number(0), count: try arguments.count(1))
        case "write":
            try arguments.expect(3)
            self = .bytesWrite(address: try arguments.number(0), bytes: try arguments.data(2, count: arguments.count(1)))
        case "memset":
            try arguments.expect(3)
            self = .fill(
                address: try arguments.number(0), count: try arguments.count(1),
                byte: UInt8(truncatingIfNeeded: try arguments.number(2)))
        case "clock_step" where arguments.words.isEmpty: self = .clockStep(nanoseconds: nil)
        case "clock_step":
            try arguments.expect(1)
            self = .clockStep(nanoseconds: Int64(clamping: try arguments.number(0)))
        case "clock_set":
            try arguments.expect(1)
            self = .clockSet(nanoseconds: Int64(clamping: try arguments.number(0)))
        default: throw QTestSyntaxError("'\(name)' is no qtest command that an input can come to")
        }
    }

    /// `inb` to `outl`, `readb` to `writeq`; nil: another command.
    private static func access(_ arguments: Arguments) throws(QTestSyntaxError) -> QTestCommand? {
        let name = arguments.name
        guard let suffix = name.last, let size = widths.first(where: { $0.suffix == suffix })?.size else { return nil }
        let mask: UInt64 = size == 8 ? .max : (1 << UInt64(8 * size)) - 1
        switch name.dropLast() {
        case "in" where size <= 4:
            try arguments.expect(1)
            return .portRead(size: size, address: try arguments.port(0))
        case "out" where size <= 4:
            try arguments.expect(2)
            return .portWrite(
                size: size, address: try arguments.port(0), value: UInt32(try arguments.number(1) & mask))
        case "read":
            try arguments.expect(1)
            return .memoryRead(size: size, address: try arguments.number(0))
        case "write":
            try arguments.expect(2)
            return .memoryWrite(size: size, address: try arguments.number(0), value: try arguments.number(1) & mask)
        default: return nil
        }
    }
}

/// The words behind a command's name.
private struct Arguments {
    let name: String
    let words: [String]

    func expect(_ count: Int) throws(QTestSyntaxError) {
        guard words.count == count else {
            throw QTestSyntaxError("'\(name)' takes \(count) argument\(count == 1 ? "" : "s"), not \(words.count)")
        }
    }

    func number(_ index: Int) throws(QTestSyntaxError) -> UInt64 {
        guard let value = integer(words[index]) else {
            throw QTestSyntaxError("'\(words[index].prefix(40))' is no number of 64 bits")
        }
        return value
    }

    func port(_ index: Int) throws(QTestSyntaxError) -> UInt16 {
        guard let port = UInt16(exactly: try number(index)) else {
            throw QTestSyntaxError("port \(words[index]) is above 0xffff")
        }
        return port
    }

    func count(_ index: Int) throws(QTestSyntaxError) -> Int {
        let count = try number(index)
        guard count > 0, count <= UInt64(QTestCommand.maximumBytes) else {
            throw QTestSyntaxError("'\(name)' of \(words[index]) bytes; expected 1 to \(QTestCommand.maximumBytes)")
        }
        return Int(count)
    }

    /// Digits that are missing are zeros, as QEMU takes it.
    func data(_ index: Int, count: Int) throws(QTestSyntaxError) -> [UInt8] {
        let digits = words[index].utf8.dropFirst(2)
        guard words[index].hasPrefix("0x"), !digits.isEmpty else { throw QTestSyntaxError("data must begin with 0x") }
        var bytes = [UInt8](repeating: 0, count: count)
        for (position, character) in digits.prefix(2 * count).enumerated() {
            guard let digit = hexValue(character) else {
                throw QTestSyntaxError("'\(Character(Unicode.Scalar(character)))' in the data is no hexadecimal digit")
            }
            bytes[position / 2] |= position % 2 == 0 ? digit << 4 : digit
        }
        return bytes
    }
}
