/// What `fuzzd import` was given: qtest commands, and the machine they are for where the file says so.
package struct QTestProgram: Equatable, Sendable {
    /// The test function's name; `nil` for plain text.
    package var name: String?
    /// QEMU's arguments; `nil` where the file does not say.
    package var arguments: [String]?
    package var commands: [NumberedCommand]

    package init(name: String? = nil, arguments: [String]? = nil, commands: [NumberedCommand]) {
        self.name = name
        self.arguments = arguments
        self.commands = commands
    }

    /// Reads a file: tests in C as in QEMU's tests/qtest if it has a call of `qtest_init`, a qtest script otherwise.
    package static func parse(_ text: String) throws(QTestSyntaxError) -> [QTestProgram] {
        if text.contains("qtest_init") { return try CTestReader(text).programs() }
        let commands = try QTestScript.parse(text)
        guard !commands.isEmpty else { throw QTestSyntaxError(line: 1, "no qtest command in the file") }
        return [QTestProgram(commands: commands)]
    }
}
