/// Why a line could not be carried out.
struct QTestError: Error {
    let reason: String
}

/// The words after a command.
struct QTestArguments {
    private let words: [Substring]
    var count: Int { words.count }

    init(_ words: [Substring]) { self.words = words }

    func word(_ index: Int) throws(QTestError) -> Substring {
        guard index < words.count else { throw QTestError(reason: "argument \(index + 1) is missing") }
        return words[index]
    }

    /// A number as C's strtoull with base 0 reads it: 0x is hexadecimal, a leading 0 octal; a minus wraps.
    func number(_ index: Int) throws(QTestError) -> UInt64 {
        let text = try word(index)
        let isNegative = text.hasPrefix("-")
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text
        let value: UInt64?
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
            value = UInt64(digits.dropFirst(2), radix: 16)
        } else if digits.hasPrefix("0") && digits.count > 1 {
            value = UInt64(digits.dropFirst(), radix: 8)
        } else {
            value = UInt64(digits, radix: 10)
        }
        guard let value else { throw QTestError(reason: "'\(text)' is not a number of 64 bits") }
        return isNegative ? 0 &- value : value
    }
}

/// Hexadecimal and base64 as qtest writes and reads them.
enum QTestText {
    private static let base64Alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// At least `digits` digits.
    static func hex(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    static func hex(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(hexDigits[Int(byte >> 4)])
            text.append(hexDigits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `0x` and two digits a byte.
    static func bytes(hex text: Substring) throws(QTestError) -> [UInt8] {
        guard text.hasPrefix("0x") || text.hasPrefix("0X") else {
            throw QTestError(reason: "data must begin with 0x")
        }
        var result: [UInt8] = []
        var high: UInt8?
        for character in text.utf8.dropFirst(2) {
            guard let digit = hexValue(character) else {
                throw QTestError(reason: "data has a digit that is not hexadecimal")
            }
            if let first = high {
                result.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return result
    }

    private static func hexValue(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x41...0x46: character - 0x37
        case 0x61...0x66: character - 0x57
        default: nil
        }
    }

    static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let group = (0..<3).map { index + $0 < bytes.count ? UInt32(bytes[index + $0]) : 0 }
            let word = group[0] << 16 | group[1] << 8 | group[2]
            for position in 0..<4 {
                let isPadding = position > bytes.count - index
                text.append(isPadding ? 0x3d : base64Alphabet[Int(word >> UInt32(18 - 6 * position)) & 63])
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func bytes(base64 text: Substring) throws(QTestError) -> [UInt8] {
        var result: [UInt8] = []
        var word: UInt32 = 0
        var bits = 0
        for character in text.utf8 where character != 0x3d {
            guard let digit = base64Alphabet.firstIndex(of: character) else {
                throw QTestError(reason: "data is not base64")
            }
            word = (word << 6 | UInt32(digit)) & 0xffffff
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
            }
        }
        return result
    }
}
