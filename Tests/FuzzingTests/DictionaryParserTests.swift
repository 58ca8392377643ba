import Fuzzing
import Testing

@Suite("Dictionary files")
struct DictionaryParserTests {
    @Test("names, levels, comments, escapes, line ends")
    func accepted() throws {
        let text = """
            # a comment

            "plain"
              indented = "with=equals"
            kw@2="level"
            "\\xFF\\x00\\"\\\\"
            "plain"
            windows="end"\r
            """
        let expected: [[UInt8]] = [
            Array("plain".utf8), Array("with=equals".utf8), Array("level".utf8), [0xFF, 0x00, 0x22, 0x5C],
            Array("end".utf8),
        ]
        #expect(try DictionaryParser.parse(text) == expected)
        #expect(try DictionaryParser.parse("") == [])
    }

    @Test(
        "what is wrong is said with line and column",
        arguments: [
            ("\"ok\"\nname", "line 2, column 5: expected = after the name, found the end of the line"),
            ("\"open", "line 1, column 6: expected a closing quote, found the end of the line"),
            ("\"\"", "line 1, column 1: expected at least one byte between the quotes, found '\"'"),
            ("\"a\\n\"", "line 1, column 4: expected \\\\, \\\" or \\xAB, found 'n'"),
            ("\"\\x4g\"", "line 1, column 5: expected two hexadecimal digits after \\x, found 'g'"),
            ("a@=\"b\"", "line 1, column 3: expected a level after @, found '='"),
            ("\"a\" b", "line 1, column 5: expected the end of the line after the closing quote, found 'b'"),
            ("=\"a\"", "line 1, column 1: expected a quoted word, name=\"word\" or a # comment, found '='"),
            ("a=b", "line 1, column 3: expected an opening quote, found 'b'"),
        ])
    func refused(text: String, message: String) {
        let error = #expect(throws: DictionaryError.self) { try DictionaryParser.parse(text) }
        #expect(error?.description == message)
    }

    @Test("a word may have 128 bytes, not 129")
    func longest() throws {
        let word = String(repeating: "a", count: DictionaryParser.maxWordBytes)
        #expect(try DictionaryParser.parse("\"\(word)\"").count == 1)
        #expect(throws: DictionaryError.self) { try DictionaryParser.parse("\"\(word)a\"") }
    }

    @Test("any bytes: an error or words, never a trap")
    func noise() {
        var random = RandomSource(seed: 77)
        let alphabet = Array("\"\\x=@#a0 \n".utf8) + [0xFF]
        var accepted = 0
        for _ in 0..<20_000 {
            let text = (0..<random.below(12)).map { _ in alphabet[random.below(alphabet.count)] }
            if let words = try? DictionaryParser.parse(text) {
                accepted += 1
                #expect(words.allSatisfy { !$0.isEmpty })
            }
        }
        #expect(accepted > 100)
    }
}
