/// Reads the dictionary files of AFL and libFuzzer.
///
/// One word a line: `"word"`, `name="word"` or AFL's `name@level="word"`; levels are read and ignored. `\\`,
/// `\"` and `\xAB` are the only escapes. Blank lines and lines that begin with `#` are skipped.
///
/// Source: AFL's `dictionaries/README.dictionaries`; libFuzzer's documentation, "Dictionaries".
package enum DictionaryParser {
    /// Longest word, as in AFL.
    package static let maxWordBytes = 128

    /// The words in the file's order, each once.
    package static func parse(_ text: [UInt8]) throws(DictionaryError) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var known: Set<[UInt8]> = []
        var lineNumber = 0
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            lineNumber += 1
            var scanner = LineScanner(line: Array(line), number: lineNumber)
            if let word = try scanner.word(), known.insert(word).inserted {
                words.append(word)
            }
        }
        return words
    }

    package static func parse(_ text: String) throws(DictionaryError) -> [[UInt8]] {
        try parse(Array(text.utf8))
    }
}

/// One line, read from left to right.
private struct LineScanner {
    let line: [UInt8]
    let number: Int
    var position = 0

    init(line: [UInt8], number: Int) {
        self.line = line
        self.number = number
    }

    mutating func word() throws(DictionaryError) -> [UInt8]? {
        skipBlanks()
        guard let first = peek, first != UInt8(ascii: "#") else { return nil }
        if first != UInt8(ascii: "\"") { try skipName() }
        let start = position
        let word = try quoted()
        if word.isEmpty { throw failure("at least one byte between the quotes", at: start) }
        if word.count > DictionaryParser.maxWordBytes {
            throw failure(
                "a word of at most \(DictionaryParser.maxWordBytes) bytes", found: "\(word.count) bytes",
                at: start)
        }
        skipBlanks()
        if peek != nil { throw failure("the end of the line after the closing quote") }
        return word
    }

    /// `name`, `name@level`, then `=`.
    private mutating func skipName() throws(DictionaryError) {
        let start = position
        while let byte = peek, isNameByte(byte) { position += 1 }
        if position == start { throw failure("a quoted word, name=\"word\" or a # comment") }
        if peek == UInt8(ascii: "@") {
            position += 1
            let levelStart = position
            while let byte = peek, isDigit(byte) { position += 1 }
            if position == levelStart { throw failure("a level after @") }
        }
        skipBlanks()
        guard peek == UInt8(ascii: "=") else { throw failure("= after the name") }
        position += 1
        skipBlanks()
    }

    private mutating func quoted() throws(DictionaryError) -> [UInt8] {
        guard peek == UInt8(ascii: "\"") else { throw failure("an opening quote") }
        position += 1
        var word: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return word
            case UInt8(ascii: "\\"): word.append(try escaped())
            default: word.append(byte)
            }
        }
        throw failure("a closing quote")
    }

    private mutating func escaped() throws(DictionaryError) -> UInt8 {
        guard let kind = peek else { throw failure("\\\\, \\\" or \\xAB") }
        switch kind {
        case UInt8(ascii: "\\"), UInt8(ascii: "\""):
            position += 1
            return kind
        case UInt8(ascii: "x"):
            position += 1
            return try hexDigit() << 4 | hexDigit()
        default:
            throw failure("\\\\, \\\" or \\xAB")
        }
    }

    private mutating func hexDigit() throws(DictionaryError) -> UInt8 {
        guard let byte = peek, let value = Character(Unicode.Scalar(byte)).hexDigitValue else {
            throw failure("two hexadecimal digits after \\x")
        }
        position += 1
        return UInt8(value)
    }

    private var peek: UInt8? { position < line.count ? line[position] : nil }

    private mutating func skipBlanks() {
        // A carriage return is what an editor on another system leaves at the end of a line.
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0D { position += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "+")].contains(byte)
    }

    private func failure(_ expected: String, found: String? = nil, at start: Int? = nil) -> DictionaryError {
        let place = start ?? position
        let there: String
        if place >= line.count {
            there = "the end of the line"
        } else if (0x21...0x7E).contains(line[place]) {
            there = "'\(Character(Unicode.Scalar(line[place])))'"
        } else {
            there = "byte 0x\(String(line[place], radix: 16))"
        }
        return DictionaryError(line: number, column: place + 1, expected: expected, found: found ?? there)
    }
}
