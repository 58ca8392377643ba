/// A line of a dictionary file that cannot be read: caused by the user, said in one line.
package struct DictionaryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    package var line: Int
    /// Byte in the line, counted from 1.
    package var column: Int
    package var expected: String
    package var found: String

    package init(line: Int, column: Int, expected: String, found: String) {
        self.line = line
        self.column = column
        self.expected = expected
        self.found = found
    }

    package var description: String {
        "line \(line), column \(column): expected \(expected), found \(found)"
    }
}
