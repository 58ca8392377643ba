// Just enough of C's lexical rules for the statements of a test.
extension CTestReader {
    /// Comments as blanks; line ends stay, so that lines can be counted.
    static func withoutComments(_ characters: [UInt8]) -> [UInt8] {
        var result = characters
        var index = 0
        var quote: UInt8?
        while index < result.count {
            let character = result[index]
            let next = index + 1 < result.count ? result[index + 1] : 0
            if let open = quote {
                if character == UInt8(ascii: "\\") { index += 1 } else if character == open { quote = nil }
            } else if character == UInt8(ascii: "\"") || character == UInt8(ascii: "'") {
                quote = character
            } else if character == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                while index < result.count, !(result[index] == UInt8(ascii: "*") && index + 1 < result.count
                    && result[index + 1] == UInt8(ascii: "/")) {
                    if result[index] != 10 { result[index] = 32 }
                    index += 1
                }
                for end in index..<min(index + 2, result.count) { result[end] = 32 }
            } else if character == UInt8(ascii: "/"), next == UInt8(ascii: "/") {
                while index < result.count, result[index] != 10 { result[index] = 32; index += 1 }
            }
            index += 1
        }
        return result
    }

    /// Pieces that end with `;`, `{` or `}`, blanks joined, each with the line it begins in. Preprocessor lines are left out.
    static func statements(_ characters: [UInt8]) -> [(line: Int, text: String)] {
        var result: [(line: Int, text: String)] = []
        var text: [UInt8] = []
        var (line, start, index) = (1, 1, 0)
        var isInLiteral = false
        func finish() {
            while text.last == 32 { text.removeLast() }
            if !text.isEmpty { result.append((start, String(decoding: text, as: UTF8.self))) }
            text = []
        }
        while index < characters.count {
            let character = characters[index]
            if !isInLiteral, text.isEmpty, character == UInt8(ascii: "#") {
                while index < characters.count, characters[index] != 10 { index += 1 }
                continue
            }
            if character == UInt8(ascii: "\""), index == 0 || characters[index - 1] != UInt8(ascii: "\\") { isInLiteral.toggle() }
            if !isInLiteral, [UInt8(ascii: ";"), UInt8(ascii: "{"), UInt8(ascii: "}")].contains(character) {
                finish()
            } else if character == 10 || character == 32 || character == 9 || character == 13 {
                if isInLiteral, character != 10 { text.append(character) } else if let last = text.last, last != 32 { text.append(32) }
            } else {
                if text.isEmpty { start = line }
                text.append(character)
            }
            if character == 10 { line += 1 }
            index += 1
        }
        finish()
        return result
    }

    /// The name in `static void name(void)`.
    static func definition(_ text: String) -> String? {
        guard text.hasSuffix("(void)") else { return nil }
        let words = text.dropLast("(void)".count).split(separator: " ")
        guard words.count >= 2, words.dropLast().contains("void") else { return nil }
        return words.last.map(String.init)
    }

    static func split(_ characters: [UInt8], at separator: UInt8) -> [String] {
        var pieces: [[UInt8]] = [[]]
        var (isInLiteral, depth) = (false, 0)
        for (index, character) in characters.enumerated() {
            if character == UInt8(ascii: "\""), index == 0 || characters[index - 1] != UInt8(ascii: "\\") { isInLiteral.toggle() }
            if !isInLiteral, character == UInt8(ascii: "(") { depth += 1 }
            if !isInLiteral, character == UInt8(ascii: ")") { depth -= 1 }
            if character == separator, !isInLiteral, depth == 0 {
                pieces.append([])
            } else {
                pieces[pieces.count - 1].append(character)
            }
        }
        return pieces.map { piece in
            String(decoding: piece, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: !isInLiteral)
                .joined(separator: " ")
        }
    }

    /// The bytes of one string literal or of several in a row; `nil` where it is something else.
    static func literal(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        var bytes: [UInt8] = []
        var (index, isInside) = (0, false)
        while index < characters.count {
            let character = characters[index]
            index += 1
            if character == UInt8(ascii: "\"") { isInside.toggle(); continue }
            guard isInside else {
                guard character == 32 else { return nil }
                continue
            }
            guard character == UInt8(ascii: "\\") else { bytes.append(character); continue }
            guard index < characters.count, let byte = escape(characters, &index) else { return nil }
            bytes.append(byte)
        }
        return isInside || characters.first != UInt8(ascii: "\"") ? nil : bytes
    }

    private static func escape(_ characters: [UInt8], _ index: inout Int) -> UInt8? {
        let kind = characters[index]
        index += 1
        switch kind {
        case UInt8(ascii: "x"):
            var value: Int?
            while index < characters.count, let digit = hexValue(characters[index]) {
                value = (value ?? 0) * 16 + Int(digit)
                guard value ?? 0 < 256 else { return nil }
                index += 1
            }
            return value.map(UInt8.init)
        case 0x30...0x37:
            var value = Int(kind - 0x30)
            var digits = 1
            while index < characters.count, digits < 3, (0x30...0x37).contains(characters[index]) {
                value = value * 8 + Int(characters[index] - 0x30)
                index += 1
                digits += 1
            }
            return UInt8(exactly: value)
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return kind
        default: return nil
        }
    }
}
