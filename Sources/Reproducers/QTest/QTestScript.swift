/// A command and the line of the file that it stands in, counted from 1.
package struct NumberedCommand: Equatable, Sendable {
    package var line: Int
    package var command: QTestCommand

    package init(line: Int, command: QTestCommand) {
        self.line = line
        self.command = command
    }
}

/// Text of qtest commands, one a line, as `fuzzd trace` and `fuzzd export --format qtest` write it and people mail it.
package enum QTestScript {
    /// Reads a script. Empty lines, and what follows a `#` at the beginning of a line or behind a blank, are comment.
    package static func parse(_ text: String) throws(QTestSyntaxError) -> [NumberedCommand] {
        var commands: [NumberedCommand] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let content = withoutComment(line)
            guard content.contains(where: { !$0.isWhitespace }) else { continue }
            do throws(QTestSyntaxError) {
                commands.append(NumberedCommand(line: index + 1, command: try QTestCommand(parsing: String(content))))
            } catch {
                throw QTestSyntaxError(line: index + 1, error.problem)
            }
        }
        return commands
    }

    /// The script as QEMU takes it: commands only. QEMU aborts on an empty line, so there is none.
    package static func text(_ commands: [QTestCommand]) -> String {
        commands.map { $0.text + "\n" }.joined()
    }

    private static func withoutComment(_ line: Substring) -> Substring {
        var previous: Character = " "
        for index in line.indices {
            if line[index] == "#", previous.isWhitespace { return line[..<index] }
            previous = line[index]
        }
        return line
    }
}
